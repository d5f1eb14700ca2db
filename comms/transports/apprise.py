"""The long tail of channels: whatever address Apprise can read. Its log is the only place where it says why not."""

import logging
import threading

import apprise

from comms.transports.base import Envelope, PermanentFailure, Receipt, TemporaryFailure


class Overheard(logging.Handler):
    """Keeps what Apprise says in the thread that made it, and no other's."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread = threading.get_ident()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line of this thread."""
        if record.thread == self.thread:
            self.lines.append(record.getMessage())

    def __enter__(self) -> "Overheard":
        logging.getLogger("apprise").addHandler(self)
        return self

    def __exit__(self, *error: object) -> None:
        logging.getLogger("apprise").removeHandler(self)


class AppriseTransport:
    """Apprise tells success from failure and no more: every failure may pass later, but an unreadable address."""

    def send(self, envelope: Envelope) -> Receipt:
        """Hand it to the service that the address names."""
        with Overheard() as said:
            # One after the other in this thread, or its log would be another thread's.
            post = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False, app_id="Muster", app_desc="Muster"))
            if not post.add(envelope.address):
                raise PermanentFailure("Apprise does not know this address.")
            handed_over = post.notify(
                title=envelope.subject,
                body=envelope.as_text() or envelope.subject,
                notify_type=apprise.NotifyType.FAILURE if envelope.is_urgent else apprise.NotifyType.INFO,
                body_format=apprise.NotifyFormat.TEXT,
            )
        if not handed_over:
            raise TemporaryFailure(" ".join(said.lines) or "Apprise could not hand it over and did not say why.")
        return Receipt("Handed over by Apprise.")
