"""The long tail of channels: whatever address Apprise can read. Its log is the only place where it says why not."""

import apprise

from comms.transports.base import ANSWER_TIMEOUT, Envelope, PermanentFailure, Receipt, TemporaryFailure


class AppriseTransport:
    """Apprise tells success from failure and no more: every failure may pass later, but an unreadable address."""

    def send(self, envelope: Envelope) -> Receipt:
        """Hand it to the service that the address names, once: repeats are rows of ours."""
        post = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Muster", service_timeout=ANSWER_TIMEOUT))
        if not post.add(envelope.address):
            raise PermanentFailure("Apprise does not know this address.")
        outcome = post.notify(
            title=envelope.subject,
            body=envelope.as_text() or envelope.subject,
            notify_type=apprise.NotifyType.FAILURE if envelope.is_urgent else apprise.NotifyType.INFO,
            body_format=apprise.NotifyFormat.TEXT,
        )
        if not outcome:
            said = " ".join(entry.message for result in outcome.results for entry in result.logs())
            raise TemporaryFailure(said or "Apprise could not hand it over and did not say why.")
        return Receipt("Handed over by Apprise.")
