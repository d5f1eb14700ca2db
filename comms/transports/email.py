"""Mail, by the SMTP server of the settings. The Message-ID is the message's key, so a repeat is seen to be one."""

import hashlib
import smtplib
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from comms.transports.base import Envelope, PermanentFailure, Receipt, TemporaryFailure

SUBJECT_SIZE = 100
HOW_TO_ANSWER = "Answer here, without a sign-in (I'm on it, when you are there, or that you cannot):"
HOW_TO_REPLY = (
    "Or reply to this mail: ACK, NO, or the minutes until you are there, like 15, in the first line. Leave the "
    "subject as it is, because the code in it says which page you mean."
)
SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


class EmailTransport:
    """Plain text: the whole subject when its line had to be cut, the body, the link, and how to reply to a page."""

    def send(self, envelope: Envelope) -> Receipt:
        """Hand the mail to the server. An answer 5xx is for good, but for a wrong password, which can be mended."""
        if settings.EMAIL_BACKEND == SMTP_BACKEND and not settings.EMAIL_HOST:
            raise PermanentFailure("No mail server is set: EMAIL_HOST is empty.")
        connection = get_connection()
        mail = compose(envelope, connection)
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _failure(code, text) from error
        except smtplib.SMTPAuthenticationError as error:
            raise TemporaryFailure(_sentence(error.smtp_code, error.smtp_error)) from error
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPNotSupportedError, ValueError) as error:  # ValueError: a header with a line break
            raise PermanentFailure(f"This mail cannot be written: {error}") from error
        except OSError as error:  # SMTPException, TimeoutError and ssl.SSLError among them
            raise TemporaryFailure(f"The mail server did not take it: {str(error) or type(error).__name__}") from error
        finally:
            with suppress(OSError):
                connection.close()  # a sign-in that failed leaves it half open
        return Receipt(f"Taken by {settings.EMAIL_HOST or 'the mail server'}.")


def compose(envelope: Envelope, connection: BaseEmailBackend | None = None) -> EmailMessage:
    """The mail: what is about the same subject shares a root, so that mail programs show one thread."""
    line = " ".join(envelope.subject.split())
    text = envelope.as_text()
    if envelope.facts.get("code"):
        text = replace(envelope, link=f"{HOW_TO_ANSWER}\n{envelope.link}").as_text()
    if len(line) > SUBJECT_SIZE:
        line, text = line[: SUBJECT_SIZE - 1] + "…", f"{line}\n\n{text}"
    reply_to = None
    if settings.MUSTER_REPLY_TO and envelope.facts.get("code"):
        code = str(envelope.facts["page"]).upper()
        line, text, reply_to = f"{line} · Code {code}", f"{text}\n\n{HOW_TO_REPLY}", [settings.MUSTER_REPLY_TO]
    domain = urlsplit(settings.MUSTER_URL).hostname or "localhost"
    headers = {"Message-ID": f"<{envelope.key}@{domain}>", "Auto-Submitted": "auto-generated"}
    if envelope.subject_key:
        root = f"<{hashlib.sha256(envelope.subject_key.encode()).hexdigest()[:32]}.thread@{domain}>"
        headers |= {"References": root, "In-Reply-To": root}
    if envelope.is_urgent:
        headers |= {"Importance": "high", "X-Priority": "1"}
    to = [envelope.address]
    return EmailMessage(line, text, to=to, reply_to=reply_to, headers=headers, connection=connection)


def _failure(code: int, text: bytes | str) -> Exception:
    return (PermanentFailure if code >= 500 else TemporaryFailure)(_sentence(code, text))


def _sentence(code: int, text: bytes | str) -> str:
    return f"The mail server said {code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
