"""A policy with everybody whom it names: schedules, chains, a service, the standing channel; on a clock of Berlin."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from accounts.actor import MUSTER, Actor
from accounts.enums import Via
from accounts.models import User
from comms.actions.delivery import deliver_due
from comms.enums import MessageKind, MessageStatus, Transport
from comms.models import Message, Subscription
from escalation.actions.page import acknowledge_page, advance_due_pages
from escalation.models import Page, PageAttempt, Schedule, Service
from incidents.actions.command import sweep_command
from incidents.actions.declare import declare_incident
from incidents.actions.ladder import apply_document
from incidents.actions.promise_sweep import sweep_promises
from incidents.enums import Evidence, Gate
from incidents.models import ChecklistItem, Incident, LadderVersion
from incidents.owed import owed as owed_rows
from incidents.policy_file import PolicyDocument
from incidents.policy_file.plan import names_in, warnings_of
from incidents.queries.checklist import ChecklistPart, checklist, with_checklist
from incidents.queries.declaration import declaration
from incidents.queries.owed import facts_of_one
from incidents.queries.room import Room, room
from tests.factories.policy import fetched, level_of
from tests.journeys.cast import BERLIN, MONITOR, person, policy, weekly
from tests.journeys.sink import Sink


@dataclass
class Stage:
    """Who is on call under a policy: {schedule: people in turn}. Everybody is called after their schedule."""

    ladder: LadderVersion
    service: Service
    people: dict[str, list[User]] = field(default_factory=dict)

    def on_call(self, schedule: str) -> User:
        """Who is on call in `schedule`."""
        return self.people[schedule][0]

    def declare(self, level: str, now: datetime, summary: str = "It is odd", *, by: Actor = MONITOR) -> Incident:
        """A monitor declares, unless somebody does; the first tick follows at once."""
        incident = declare_incident(
            by=by, now=now, level=level_of(self.ladder, level), summary=summary, service=self.service
        )
        tick(now)
        return incident


def set_stage(document: PolicyDocument, sink_url: str, *, now: datetime) -> Stage:
    """The policy in force, and all whom it names in their places; the service has an owner of its own."""
    named = names_in(document)
    schedules: dict[str, Schedule] = {}
    people: dict[str, list[User]] = {}
    chains = {one.policy: [(step.schedule, step.turn) for step in one.steps] for one in document.chains}
    for slug in dict.fromkeys([*named.schedules, *(slug for slug in named.policies if slug not in chains), "owner"]):
        turns = 1 + max(
            (step.turn for one in document.chains for step in one.steps if step.schedule == slug), default=0
        )
        people[slug] = [person(f"{slug}{turn or ''}", sink_url) for turn in range(turns)]
        schedules[slug] = weekly(slug, *people[slug])
    for slug in named.policies:
        policy(slug, *((schedules[on], turn) for on, turn in chains.get(slug, [(slug, 0)])))
    owner = policy("service-owner", (schedules["owner"], 0))
    for name in named.channels:
        Subscription.objects.create(
            name=name, transport=Transport.WEBHOOK, address=f"{sink_url}/{name}", kinds=list(MessageKind.values)
        )
    service = Service.objects.create(slug="checkout", name="Checkout", policy=owner)
    assert warnings_of(document) == []
    return Stage(ladder=fetched(apply_document(document, by=MUSTER, now=now)), service=service, people=people)


def moment(day: date, clock: str) -> datetime:
    """A Berlin wall time of `day`."""
    return datetime.combine(day, time.fromisoformat(clock), BERLIN)


def tick(now: datetime) -> None:
    """One beat of the engine."""
    advance_due_pages(now=now)
    sweep_promises(now=now)
    sweep_command(now=now)
    deliver_due(now=now)


def owed(incident: Incident) -> dict[str, datetime]:
    """What is owed now, and by when."""
    return {promise.kind: promise.due_at for promise in incident.promises.undone()}


def owes(incident: Incident) -> list[str]:
    """What is owed now and by whom, in turn: “Mon 14:15 status_update: comms”."""
    rows = sorted(incident.promises.undone(), key=lambda promise: (promise.due_at, promise.kind))
    return [f"{row.due_at.astimezone(BERLIN):%a %H:%M} {row.kind}: {row.owed_by}" for row in rows]


def asked_of_people(incident: Incident, now: datetime) -> list[str]:
    """All that is owed at `now`, in words, as the room says it: also what is no promise, like a question."""
    return [row.what for row in owed_rows(facts_of_one(incident), now)]


def public_words(incident: Incident) -> list[str]:
    """What the public was told, in turn."""
    told_public = incident.status_updates.filter(told_public_at__isnull=False).order_by("told_public_at", "pk")
    return list(told_public.values_list("public_text", flat=True))


def goes_on_at() -> list[str]:
    """When each page goes on that nobody has answered: “14:05 primary”."""
    pages = Page.objects.ringing().order_by("pk")
    return [f"{page.wake_at.astimezone(BERLIN):%H:%M} {page.group}" for page in pages if page.wake_at]


def chosen_by() -> dict[str, str]:
    """{level: what whoever declares reads of whom it rings and what it owes}."""
    offer = declaration()
    return {
        card.level.name: f"{card.rings} {card.owes}".strip() + (" A ticket does." if card.level.ticket_only else "")
        for card in (offer.cards if offer else [])
    }


def duties_in(seen: Room) -> dict[str, str]:
    """{role: what it does here, as the room shows it}."""
    return {row.definition.slug: "\n".join(row.duties) for row in seen.roles}


def posted(sink: Sink, kind: MessageKind) -> list[dict[str, Any]]:
    """What channels and people were sent of `kind`, the oldest first."""
    return [post for post in sink.posts if post["kind"] == kind]


def rung(since: datetime | None = None) -> list[str]:
    """Who was rung by which page and when, in turn: “14:02 platform on call: platform”."""
    attempts = PageAttempt.objects.exclude(user=None).select_related("user", "page").order_by("at", "page_id", "pk")
    return [
        f"{attempt.at.astimezone(BERLIN):%H:%M} {attempt.page.group}: {attempt.user.handle}"
        for attempt in attempts
        if attempt.user and (since is None or attempt.at >= since)
    ]


def roles(incident: Incident) -> dict[str, str]:
    """{role: who holds it}."""
    held = incident.role_assignments.filter(ended_at__isnull=True).select_related("user")
    return {row.role: row.user.handle for row in held}


def checklist_of(incident: Incident) -> list[ChecklistPart]:
    """The phases and runbooks with their items, as they stand now."""
    return checklist(with_checklist(Incident.objects.filter(pk=incident.pk)).select_related("level", "service").get())


def boxes(incident: Incident) -> dict[str, tuple[datetime | None, datetime | None]]:
    """{phase: its time box}; None where its anchor has not come, and for no end."""
    return {part.key: (part.begins_at, part.ends_at) for part in checklist_of(incident)}


def asked(incident: Incident) -> dict[str, list[str]]:
    """{phase or runbook: its items in their first words, with what hangs on each}: “Open the war room: by 14:03”."""
    return {part.key: [_asked(item) for item in part.items] for part in checklist_of(incident)}


def _asked(item: ChecklistItem) -> str:
    words = " ".join(item.text.split()[:4])
    more = ["check"] if item.is_check else []
    more += [item.item.role] if item.item and item.item.role else []
    more += [f"by {item.due_at.astimezone(BERLIN):%H:%M:%S}".removesuffix(":00")] if item.due_at else []
    more += ["with a file"] if item.evidence == Evidence.FILE else []
    more += [f"holds {item.holds}"] if item.holds != Gate.NONE else []
    return f"{words}: {', '.join(more)}" if more else words


def commands(incident: Incident) -> list[str]:
    """What the checklist gives to copy, as it is copied here."""
    return [item.filled_command for part in checklist_of(incident) for item in part.items if item.command]


def page_of(group: str) -> Page:
    """The newest page of `group`."""
    return Page.objects.filter(group__startswith=group).latest("pk")


def answer_all(now: datetime) -> None:
    """Whoever was rung last by each page that rings answers it."""
    for page in Page.objects.ringing().order_by("pk"):
        attempt = page.attempts.exclude(user=None).select_related("user").latest("pk")
        acknowledge_page(page, by=Actor(user=attempt.user, via=Via.LINK), now=now)


def told(user: User, kind: MessageKind) -> int:
    """How many messages of `kind` reached `user`."""
    return Message.objects.filter(user=user, kind=kind, status=MessageStatus.SENT).count()


def words_to(user: User, kind: MessageKind) -> str:
    """What the messages of `kind` said that reached `user`, the oldest first."""
    sent = Message.objects.filter(user=user, kind=kind, status=MessageStatus.SENT).order_by("pk")
    return "\n\n".join(message.body for message in sent)


def room_of(incident: Incident, viewer: User, now: datetime) -> Room:
    """What `viewer` sees in the room."""
    return room(incident.reference, viewer, now)
