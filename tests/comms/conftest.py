"""A small real mail server, and receivers that take their time."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass
class MailServer:
    """A real SMTP server on this machine: what it took, and what it answers instead when told to."""

    taken: list[Message] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    at_recipient: str = "250 OK"
    at_end: str = "250 OK queued"
    password: bytes = b""

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, way: str, given: Any) -> AuthResult:
        """Whether the password is the right one."""
        return AuthResult(success=given.password == self.password, handled=False)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer for one recipient."""
        if self.at_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer for the whole mail."""
        if self.at_end.startswith("250"):
            self.taken.append(message_from_bytes(envelope.original_content or b""))
            self.recipients += envelope.rcpt_tos
        return self.at_end


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """The server of the settings."""
    server = MailServer()
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=free_port(),
        server_hostname="mail.test",
        authenticator=server.authenticate,
        auth_require_tls=False,
    )
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield server
    controller.stop()


@pytest.fixture
def silent_address() -> Iterator[str]:
    """`host:port` where a server takes the connection and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(20)
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def closed_address() -> str:
    """`host:port` where nobody listens."""
    return f"127.0.0.1:{free_port()}"


@pytest.fixture
def hook(httpserver: Any) -> str:
    """The address of a receiver that takes everything."""
    httpserver.expect_request("/hook").respond_with_data("ok")
    return str(httpserver.url_for("/hook"))
