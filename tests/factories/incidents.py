"""Ladders, incidents and what hangs on one."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import factory

from accounts.enums import Via
from accounts.models import User
from core.markdown import render_line
from escalation.models import Policy
from incidents.enums import (
    ChatMode,
    ClosedAs,
    EntryKind,
    IncidentStatus,
    PromiseKind,
    RoleKind,
    WatchOrder,
)
from incidents.models import (
    Duty,
    Incident,
    Ladder,
    LadderVersion,
    Level,
    LevelPage,
    Promise,
    RoleAssignment,
    RoleDefinition,
    SeverityChange,
    StatusUpdate,
    Submission,
    TimelineEntry,
)
from tests.factories import NOW
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy
from tests.factories.rows import RowFactory


class LadderFactory(RowFactory[Ladder]):
    """A ladder without a version; `make_ladder` makes one that works."""

    class Meta:
        model = Ladder

    slug = factory.Sequence(lambda number: f"ladder-{number}")
    name = factory.LazyAttribute(lambda ladder: ladder.slug.replace("-", " ").capitalize())


class LadderVersionFactory(RowFactory[LadderVersion]):
    """The first version of a ladder, without levels: Monday to Friday in Berlin, no holidays."""

    class Meta:
        model = LadderVersion

    ladder = factory.SubFactory(LadderFactory)
    number = 1
    calendar_zone = "Europe/Berlin"
    workdays = factory.LazyFunction(lambda: [1, 2, 3, 4, 5])
    created_at = NOW - timedelta(days=30)


class RoleDefinitionFactory(RowFactory[RoleDefinition]):
    """A role that several may hold at a time."""

    class Meta:
        model = RoleDefinition

    version = factory.SubFactory(LadderVersionFactory)
    position = factory.Sequence(lambda number: number)
    slug = factory.Sequence(lambda number: f"role-{number}")
    name = factory.LazyAttribute(lambda role: role.slug.replace("-", " ").capitalize())
    kind = RoleKind.OTHER
    holds_several = True


class LevelFactory(RowFactory[Level]):
    """A level at which nothing is owed and nobody is paged."""

    class Meta:
        model = Level

    version = factory.SubFactory(LadderVersionFactory)
    rank = factory.Sequence(lambda number: number + 1)
    name = factory.LazyAttribute(lambda level: f"SEV{level.rank}")
    criteria = "One or more features are broken."


class LevelPageFactory(RowFactory[LevelPage]):
    """A level that pages the service's own policy."""

    class Meta:
        model = LevelPage

    level = factory.SubFactory(LevelFactory)
    position = factory.Sequence(lambda number: number)
    group = "primary"


class DutyFactory(RowFactory[Duty]):
    """A status update owed every 30 minutes by the commander."""

    class Meta:
        model = Duty

    level = factory.SubFactory(LevelFactory)
    position = factory.Sequence(lambda number: number)
    kind = PromiseKind.STATUS_UPDATE
    within = "30 min"


class IncidentFactory(RowFactory[Incident]):
    """An incident declared at NOW that is being investigated, visible to everybody.

    `resolved=True` and `closed=True` for later; `private_to=[ana]` for one that only Ana may see.
    """

    class Meta:
        model = Incident

    class Params:
        private_to = None
        resolved = factory.Trait(
            status=IncidentStatus.RESOLVED,
            resolved_at=factory.LazyAttribute(lambda incident: incident.declared_at + timedelta(minutes=30)),
        )
        closed = factory.Trait(
            status=IncidentStatus.CLOSED,
            resolved_at=factory.LazyAttribute(lambda incident: incident.declared_at + timedelta(minutes=30)),
            closed_at=factory.LazyAttribute(lambda incident: incident.declared_at + timedelta(minutes=60)),
            closed_as=ClosedAs.RESPONSE_OVER,
        )

    number = factory.Sequence(lambda number: number + 1)
    reference = factory.LazyAttribute(
        lambda incident: f"INC-{incident.declared_at:%Y%m%d}-{incident.number:04d}",
    )
    summary = "Pipeline blocks spiking"
    level = factory.SubFactory(LevelFactory)
    declared_at = NOW
    last_activity_at = factory.SelfAttribute("declared_at")
    audience = factory.LazyAttribute(
        lambda incident: None if incident.private_to is None else AudienceFactory(members=incident.private_to)
    )


class SeverityChangeFactory(RowFactory[SeverityChange]):
    """A change of level that can still be taken back for ten seconds."""

    class Meta:
        model = SeverityChange

    incident = factory.SubFactory(IncidentFactory)
    before = factory.SelfAttribute("incident.level")
    after = factory.SubFactory(LevelFactory, version=factory.SelfAttribute("..incident.level.version"))
    at = NOW
    takes_effect_at = factory.LazyAttribute(lambda change: change.at + timedelta(seconds=10))


class SubmissionFactory(RowFactory[Submission]):
    """One press of a button."""

    class Meta:
        model = Submission

    key = factory.LazyFunction(uuid.uuid4)
    incident = factory.SubFactory(IncidentFactory)
    user = factory.SubFactory(UserFactory)
    at = NOW


class RoleAssignmentFactory(RowFactory[RoleAssignment]):
    """Somebody commands; `RoleAssignmentFactory(kind=RoleKind.SCRIBE)` for the other kinds."""

    class Meta:
        model = RoleAssignment

    incident = factory.SubFactory(IncidentFactory)
    kind = RoleKind.COMMANDER
    role = factory.LazyAttribute(lambda assignment: str(assignment.kind))
    name = factory.LazyAttribute(lambda assignment: str(assignment.kind).capitalize())
    user = factory.SubFactory(UserFactory)
    began_at = NOW


class TimelineEntryFactory(RowFactory[TimelineEntry]):
    """A note of one minute; numbers go on from the incident's last one, as the action gives them out."""

    class Meta:
        model = TimelineEntry

    incident = factory.SubFactory(IncidentFactory)
    kind = EntryKind.NOTE
    happened_at = NOW
    recorded_at = factory.SelfAttribute("happened_at")
    author = factory.SubFactory(UserFactory)
    via = Via.WEB
    text = "Identified a regression in detect_injection."
    html = factory.LazyAttribute(lambda entry: render_line(entry.text))

    @factory.lazy_attribute
    def number(self) -> int:
        """The next number of the incident, which is given out here."""
        self.incident.last_entry += 1
        self.incident.save(update_fields=["last_entry"])
        return int(self.incident.last_entry)


class StatusUpdateFactory(RowFactory[StatusUpdate]):
    """Words for others, with their entry in the timeline and the next ones promised in 30 minutes."""

    class Meta:
        model = StatusUpdate

    incident = factory.SubFactory(IncidentFactory)
    entry = factory.SubFactory(
        TimelineEntryFactory,
        incident=factory.SelfAttribute("..incident"),
        kind=EntryKind.UPDATE,
        text=factory.SelfAttribute("..text"),
        facts={"told": []},
    )
    status = IncidentStatus.INVESTIGATING
    text = "Chat completions return 403; we are looking into it."
    posted_at = NOW
    next_by = factory.LazyAttribute(lambda update: update.posted_at + timedelta(minutes=30))


class PromiseFactory(RowFactory[Promise]):
    """A status update owed 30 minutes after NOW."""

    class Meta:
        model = Promise

    incident = factory.SubFactory(IncidentFactory)
    kind = PromiseKind.STATUS_UPDATE
    subject = "Status update"
    made_at = NOW
    due_at = factory.LazyAttribute(lambda promise: promise.made_at + timedelta(minutes=30))
    wake_at = factory.SelfAttribute("due_at")


ROLES = (
    ("commander", "Commander", RoleKind.COMMANDER, False),
    ("deputy", "Deputy", RoleKind.DEPUTY, False),
    ("comms", "Comms", RoleKind.COMMS, False),
    ("scribe", "Scribe", RoleKind.SCRIBE, False),
    ("investigator", "Investigator", RoleKind.INVESTIGATOR, True),
)
LEVELS: tuple[dict[str, Any], ...] = (
    {
        "name": "SEV1",
        "rank": 1,
        "criteria": "Customers cannot work, data may be lost, or a breach is suspected.",
        "examples": ["Nobody can sign in"],
        "acknowledge_within": "5 min",
        "respond_within": "5 min",
        "is_public": True,
    },
    {
        "name": "SEV2",
        "rank": 2,
        "criteria": "Some features are broken or errors are many.",
        "examples": ["Chat completions fail for one provider"],
        "acknowledge_within": "5 min",
        "respond_within": "15 min",
    },
    {
        "name": "SEV3",
        "rank": 3,
        "criteria": "Only we notice it, or there is a way around it.",
        "examples": ["A report is late"],
        "acknowledge_within": "5 min",
        "respond_within": "next business day",
    },
)
WATCHED = {
    "status_document": True,
    "chat_mode": ChatMode.THREAD,
    "chat_channel": "incidents",
    "watch_order": WatchOrder.AFTER_RESOLVED,
    "watch_for": "30 min",
}
UPDATE_EVERY = {"SEV1": "15 min", "SEV2": "30 min"}


def make_ladder(
    *people: User, slug: str = "sev", policy: str = "primary", is_default: bool = True, **fields: Any
) -> LadderVersion:
    """A small whole ladder in the spirit of document 000, as the first version of the ladder `slug`.

    SEV1 to SEV3; five roles; the policy `policy` is paged at every level, rings `people` one after the other (or one
    new person) and makes a commander of whoever answers. SEV1 and SEV2 owe status updates (every 15 and 30 min,
    reminded 5 min before, the deputy told 5 min after, `policy` rung 10 min after) and a postmortem (48 h), keep a
    status document, open a thread in `incidents`, and watch for 30 min after “resolved”. SEV3 owes nothing.
    """
    if not Policy.objects.filter(slug=policy).exists():
        make_policy(*(people or (ReachableUserFactory(),)), slug=policy)
    version = LadderVersionFactory(
        ladder=LadderFactory(slug=slug, is_default=is_default), default_policy=policy, **fields
    )
    for position, (role, name, kind, several) in enumerate(ROLES):
        RoleDefinitionFactory(
            version=version, position=position, slug=role, name=name, kind=kind, holds_several=several
        )
    for plain in LEVELS:
        every = UPDATE_EVERY.get(plain["name"])
        level = LevelFactory(version=version, **plain, **(WATCHED if every else {}))
        LevelPageFactory(level=level, position=0, group="primary", makes_commander=True)
        if every:
            _owe(level, every, policy)
    return version


def _owe(level: Level, every: str, policy: str) -> None:
    late: dict[str, Any] = {"deputy": "deputy", "deputy_after": "5 min"}
    last: dict[str, Any] = {"escalate_policy": policy, "escalate_after": "10 min"}
    DutyFactory(level=level, position=0, within=every, told_where=["incidents"], remind_before="5 min", **late, **last)
    DutyFactory(level=level, position=1, kind=PromiseKind.POSTMORTEM, within="48 h", remind_before="2 h")


def level_of(version: LadderVersion, name: str) -> Level:
    """The level called `name` of `version`."""
    return version.levels.get(name=name)


def make_entries(incident: Incident, count: int, *, people: Sequence[User] = ()) -> list[TimelineEntry]:
    """`count` notes of `incident`, one a minute from its declaration on, by `people` in turn; in bulk."""
    authors = list(people) or [UserFactory()]
    first = incident.last_entry + 1
    entries = [
        TimelineEntryFactory.build(
            incident=None,
            incident_id=incident.pk,
            number=first + index,
            author=authors[index % len(authors)],
            happened_at=incident.declared_at + timedelta(minutes=index),
            text=f"Note {first + index}: looked at **shard {index % 7}**.",
        )
        for index in range(count)
    ]
    TimelineEntry.objects.bulk_create(entries)
    incident.last_entry += count
    incident.save(update_fields=["last_entry"])
    return entries
