"""The signed link of one page for one person: it answers without a sign-in, and nothing else.

The token holds the page and the person, signed; when it ends follows from the page's own row, and a person who was
deactivated is refused, so there is nothing to store and nothing to forget.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core.signing import BadSignature, Signer
from django.urls import Resolver404, resolve

from accounts.models import User
from core.errors import Refused
from escalation.models import Page

LASTS = timedelta(hours=24)
SALT = "muster.escalation.answer"


class BrokenLink(Refused):
    """It was never a link of ours, or not all of it arrived."""


class ExpiredLink(Refused):
    """It was one of ours and has ended."""


def sign_answer(page: Page, user: User) -> str:
    """The token with which `user` may answer `page` for 24 hours after it began."""
    return _signer().sign(f"{page.ref}-{user.pk}")


def read_answer(token: str, now: datetime) -> tuple[Page, User]:
    """The page and the person of a token. Raises BrokenLink or ExpiredLink, each with a sentence for the person."""
    try:
        ref, _, user = _signer().unsign(token).rpartition("-")
    except BadSignature as error:
        raise BrokenLink("This link is not complete. Open it again from the message, or sign in.") from error
    page = Page.objects.select_related("service").filter(ref=ref).first()
    person = User.objects.filter(pk=int(user)).first()
    if page is None or person is None:
        raise BrokenLink("This link leads to a page that does not exist any more.")
    if not person.is_active:
        raise ExpiredLink("This account has been switched off, so its links have ended.")
    if now >= page.started_at + LASTS:
        raise ExpiredLink("This link ended 24 hours after the page began. Sign in to see what became of it.")
    return page, person


def read_link(link: str, now: datetime) -> tuple[Page, User]:
    """The same for the whole address of a link, as a message carries it. Raises what read_answer raises."""
    try:
        token = resolve(urlsplit(link).path).kwargs.get("token", "")
    except (Resolver404, ValueError):
        token = ""
    return read_answer(token, now)


def _signer() -> Signer:
    return Signer(salt=SALT, sep=".")
