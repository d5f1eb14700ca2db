"""A policy with everybody whom it names: schedules, chains, a service, the standing channel; on a clock of Berlin."""

from dataclasses import dataclass, field
from datetime import date, datetime, time

from accounts.models import User
from comms.actions.delivery import deliver_due
from comms.enums import MessageKind, MessageStatus, Transport
from comms.models import Message, Subscription
from escalation.actions.page import advance_due_pages
from escalation.models import Page, PageAttempt, Schedule, Service
from incidents.actions.command import sweep_command
from incidents.actions.declare import declare_incident
from incidents.actions.promise_sweep import sweep_promises
from incidents.models import Incident, LadderVersion
from incidents.policy_file import read_document
from incidents.policy_file.plan import names_in, warnings_of
from incidents.queries.checklist import ChecklistPart, checklist, with_checklist
from tests.factories.policy import apply_text, level_of
from tests.journeys.cast import BERLIN, MONITOR, person, policy, weekly


@dataclass
class Stage:
    """Who is on call under a policy: {schedule: people in turn}. Everybody is called after their schedule."""

    ladder: LadderVersion
    service: Service
    people: dict[str, list[User]] = field(default_factory=dict)

    def on_call(self, schedule: str) -> User:
        """Who is on call in `schedule`."""
        return self.people[schedule][0]

    def declare(self, level: str, now: datetime, summary: str = "It is odd") -> Incident:
        """A monitor declares; the first tick follows at once."""
        incident = declare_incident(
            by=MONITOR, now=now, level=level_of(self.ladder, level), summary=summary, service=self.service
        )
        tick(now)
        return incident


def set_stage(text: str, sink_url: str, *, now: datetime) -> Stage:
    """The policy file `text` in force, and all whom it names in their places; the service has an owner of its own."""
    document = read_document(text)
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
    return Stage(ladder=apply_text(text, now=now), service=service, people=people)


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
    return checklist(with_checklist(Incident.objects.filter(pk=incident.pk)).select_related("level").get())


def page_of(group: str) -> Page:
    """The newest page of `group`."""
    return Page.objects.filter(group__startswith=group).latest("pk")


def told(user: User, kind: MessageKind) -> int:
    """How many messages of `kind` reached `user`."""
    return Message.objects.filter(user=user, kind=kind, status=MessageStatus.SENT).count()
