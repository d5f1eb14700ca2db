"""Words that come in to a page whose code is K7M."""

from typing import Any

from comms.intake.mail import IncomingMail
from comms.intake.text import IncomingText
from escalation.actions.incoming import take_mail, take_text
from escalation.models import IncomingAnswer, Page
from tests.escalation.story import MINUTE
from tests.factories import NOW

LATER = NOW + MINUTE
NUMBER = "+491701234567"
SUBJECT = "[SEV2] Pipeline blocks spiking · pipeline"
counter = iter(range(10_000_000))


def named(page: Page, ref: str) -> Page:
    """`page` under this ref, of which the code is the beginning."""
    page.ref = ref
    page.save(update_fields=["ref"])
    return page


def text(words: str, *, key: str = "", sender: str = NUMBER, now: Any = LATER, **how: Any) -> IncomingAnswer:
    """An SMS, from ana unless said otherwise."""
    return take_text(IncomingText(key or f"test:{next(counter)}", sender, words), now=now, **how)


def mail(
    words: str, *, subject: str = f"Re: {SUBJECT} · Code K7MABCDE", now: Any = LATER, **changes: Any
) -> IncomingAnswer:
    """A reply to the mail of the page, from ana unless said otherwise."""
    told = {"key": f"mail:{next(counter)}", "sender": "ana@example.org", "is_automatic": False} | changes
    return take_mail(IncomingMail(subject=subject, text=words, **told), now=now)
