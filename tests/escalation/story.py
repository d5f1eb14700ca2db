"""The words that the stories about pages share."""

from datetime import timedelta
from typing import Any

from accounts.actor import MUSTER, Actor
from accounts.enums import Via
from accounts.models import User
from comms.models import Message
from escalation.actions.page import start_page
from escalation.enums import AttemptOutcome
from escalation.models import Page
from tests.factories import NOW

MINUTE = timedelta(minutes=1)


def start(**how: Any) -> Page:
    """A page about one SEV2, begun at NOW, whose level wants an answer within five minutes."""
    wanted = {
        "by": MUSTER,
        "now": NOW,
        "group": "platform primary",
        "subject_key": "incident:INC-1",
        "subject": "[SEV2] Pipeline blocks spiking · pipeline",
        "link": "/incidents/INC-1/",
        "level_name": "SEV2",
        "level_rank": 2,
        "acknowledge_within": 5 * MINUTE,
    }
    return start_page(**{**wanted, **how})


def by(user: User, via: Via = Via.WEB) -> Actor:
    """This person, by the web unless said otherwise."""
    return Actor(user=user, via=via)


def rung(page: Page) -> list[tuple[int, User | None]]:
    """(minutes after NOW, person) of everybody whom `page` has rung, in order."""
    attempts = page.attempts.filter(outcome=AttemptOutcome.RUNG).order_by("at", "pk")
    return [((attempt.at - NOW) // MINUTE, attempt.user) for attempt in attempts]


def outcomes(page: Page) -> list[tuple[str, str]]:
    """(outcome, source) of every attempt."""
    return [(attempt.outcome, attempt.source) for attempt in page.attempts.order_by("at", "pk")]


def told(user: User) -> list[tuple[str, str]]:
    """(status, reason not sent) of every message to `user`."""
    return list(Message.objects.filter(user=user).order_by("pk").values_list("status", "not_sent_reason"))
