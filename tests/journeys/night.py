"""A night on which two groups are on call: what the rules of safety are played on."""

from datetime import timedelta
from typing import Any

from accounts.actor import MUSTER, Actor
from accounts.enums import Via
from accounts.models import User
from escalation.actions.page import advance_due_pages
from escalation.enums import AttemptOutcome
from escalation.models import Page, PageAttempt, Service
from incidents.actions.declare import declare_incident
from incidents.enums import ChatMode, RoleKind
from incidents.models import Incident, LadderVersion, Level
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory, SubscriptionFactory
from tests.factories.escalation import make_policy
from tests.factories.incidents import (
    DutyFactory,
    LadderVersionFactory,
    LevelFactory,
    LevelPageFactory,
    RoleDefinitionFactory,
)

MINUTE = timedelta(minutes=1)


class Night:
    """A ladder of two levels that page platform and founders at once, each with a policy of its own."""

    def __init__(self) -> None:
        self.jens, self.mira, self.founder = (ReachableUserFactory(handle=name) for name in ("jens", "mira", "fin"))
        make_policy(self.jens, self.mira, slug="platform")
        make_policy(self.founder, slug="founders")
        self.version: LadderVersion = LadderVersionFactory()
        RoleDefinitionFactory(version=self.version, slug="commander", kind=RoleKind.COMMANDER, holds_several=False)
        self.sev1, self.sev2 = self.level("SEV1", 1, "platform", "founders"), self.level("SEV2", 2, "platform")

    def level(self, name: str, rank: int, *policies: str, **more: Any) -> Level:
        """A level that wants an answer in five minutes, rings until it has one and asks after half an hour."""
        how = {"acknowledge_within": "5 min", "rings_until_answered": True, "silent_after": "30 min"}
        level: Level = LevelFactory(version=self.version, name=name, rank=rank, **how, **more)
        for slug in policies:
            LevelPageFactory(level=level, group=slug, policy_from="named", policy=slug, makes_commander=True)
        return level

    def loud_level(self) -> Level:
        """One that opens a thread in #incidents and owes an update there."""
        SubscriptionFactory(name="incidents")
        level = self.level("SEV0", 0, "platform", chat_mode=ChatMode.THREAD, chat_channel="incidents")
        DutyFactory(level=level, within="15 min", told_where=["incidents"])
        return level

    def declare(
        self, level: Level, summary: str = "Nothing answers", *, by: Actor = MUSTER, service: Service | None = None
    ) -> Incident:
        """Declared at NOW, by Muster itself unless somebody does."""
        return declare_incident(by=by, now=NOW, level=level, summary=summary, service=service)


def by(user: User) -> Actor:
    """By the signed link."""
    return Actor(user, Via.LINK)


def page_of(incident: Incident, group: str) -> Page:
    """The newest page of this group."""
    return Page.objects.filter(subject_key=incident.subject_key, group=group).latest("started_at", "pk")


def rung(incident: Incident) -> list[tuple[int, str]]:
    """(minutes after NOW, handle) of every ring about it."""
    rows = PageAttempt.objects.filter(page__subject_key=incident.subject_key, outcome=AttemptOutcome.RUNG)
    return [((row.at - NOW) // MINUTE, row.user.handle) for row in rows.select_related("user").order_by("at", "pk")]


def sweep(*minutes: int) -> None:
    """What the worker does at these minutes after NOW."""
    for minute in minutes:
        advance_due_pages(now=NOW + minute * MINUTE)
