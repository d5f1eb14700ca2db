"""Who is on call in the demo, whom a page rings, and what can break."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Team, User
from comms.actions.message import withdraw_messages
from escalation.actions.maintenance import start_maintenance
from escalation.actions.policy import set_policy, set_step, set_target
from escalation.actions.role_contact import set_role_contact
from escalation.actions.schedule import add_override, set_rotation, set_schedule
from escalation.actions.service import set_service
from escalation.actions.shift_change import shifts_key
from escalation.enums import OverrideKind, ShiftUnit, TargetKind
from escalation.models import (
    MaintenanceWindow,
    Override,
    Policy,
    PolicyStep,
    RoleContact,
    Rotation,
    Schedule,
    Service,
    StepTarget,
)

MORNING = time(9, 0)
# How many weeks the rotations have gone on before the day of the demo's incident.
WEEKS_BEFORE = 6


@dataclass(frozen=True)
class Layer:
    """People who take weekly turns, in the zone of the schedule unless they have their own."""

    handles: tuple[str, ...]
    name: str = "Weekly"
    rank: int = 0
    time_zone: str = ""
    restrictions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One schedule in the zone of its people."""

    slug: str
    name: str
    time_zone: str
    layers: tuple[Layer, ...]


LINES = (
    Line("platform", "Platform", "Europe/Berlin", (Layer(("jens", "tomas", "mira")),)),
    Line("engineering-manager", "Engineering manager", "Europe/Lisbon", (Layer(("ana", "tomas")),)),
    Line("founder", "Founder", "America/Los_Angeles", (Layer(("liv",)),)),
    # Follow the sun: whoever is at work takes it, and somebody has the rest.
    Line(
        "support",
        "Support",
        "Europe/Berlin",
        (
            Layer(("tomas", "ana"), "Nights and weekends"),
            Layer(("mira", "jens"), "Europe", 1, "", ("Mon-Fri 09:00-18:00",)),
            Layer(("liv",), "America", 1, "America/Los_Angeles", ("Mon-Fri 09:00-17:00",)),
        ),
    ),
)
# (slug, name, steps as (schedule, turn), passes after the first, whom to ring at last)
# The founder is rung by the engineering manager's policy at the worst level only.
WORST_ONLY = {("engineering-manager", "founder"): 1}
POLICIES = (
    (
        "platform-primary",
        "Platform primary",
        (("platform", 0), ("platform", 1), ("engineering-manager", 0)),
        1,
        "liv",
    ),
    ("engineering-manager", "Engineering manager", (("engineering-manager", 0), ("founder", 0)), 1, "liv"),
)
# (role, schedule, person, outside, method, expected response): whom to reach for what
CONTACTS = (
    ("On-call engineer", "platform", None, "", "Muster", "5 min"),
    ("Engineering manager", "engineering-manager", None, "", "Muster, then phone", "10 min"),
    ("Customer support", None, "noor", "", "Chat: #support", "15 min"),
    ("Hosting provider", None, None, "support@host.example", "Mail, with our account number", "30 min"),
    ("Executive", None, "liv", "", "Phone tree", "15 min"),
)
# (slug, name, description, team, owner, policy)
SERVICES = (
    ("policy-pipeline", "Policy pipeline", "Decides which requests pass", "platform", "jens", "platform-primary"),
    ("chat-gateway", "Chat gateway", "Where customers' agents connect", "platform", "mira", "platform-primary"),
    ("payments", "Payments", "Invoices and cards", "platform", "tomas", "platform-primary"),
    ("reporting", "Reporting", "Nightly reports; the ladder's default policy is rung", "leadership", "ana", None),
)
MAINTAINED = "reporting"


@transaction.atomic
def set_up_on_call(
    people: dict[str, User], teams: dict[str, Team], *, by: Actor, now: datetime, on: date
) -> dict[str, Service]:
    """Make the schedules, policies, services, contacts and maintenance that are missing; {slug: service}.

    The first person of each schedule has the week of the day `on`. Raises NotAllowed unless `by` configures.
    """
    schedules = {line.slug: _schedule(line, people, by=by, now=now, on=on) for line in LINES}
    policies = {}
    for slug, name, steps, repeats, last in POLICIES:
        policy = Policy.objects.filter(slug=slug).first()
        if policy is None:
            policy = Policy(slug=slug, name=name, repeats=repeats, last_resort=people[last] if last else None)
            set_policy(policy, by=by, now=now)
            _set_steps(policy, [(schedules[schedule], turn) for schedule, turn in steps], by=by, now=now)
        policies[slug] = policy
    if not RoleContact.objects.exists():
        _set_contacts(schedules, people, by=by, now=now)
    services = {}
    for slug, name, description, team, owner, named in SERVICES:
        service = Service.objects.filter(slug=slug).first()
        if service is None:
            service = Service(slug=slug, name=name, description=description, team=teams[team], owner=people[owner])
            service.policy = policies[named] if named else None
            set_service(service, by=by, now=now)
        services[slug] = service
    if not MaintenanceWindow.objects.exists():
        _plan_maintenance(services[MAINTAINED], people["tomas"], now=now)
    return services


def _plan_maintenance(service: Service, user: User, *, now: datetime) -> None:
    """Somebody works on it tomorrow evening, so that the list of maintenance shows what is to come."""
    zone = ZoneInfo("Europe/Prague")
    begins = local_moment(now.astimezone(zone).date() + timedelta(days=1), "21:00:00", zone)
    start_maintenance(
        [service],
        by=Actor(user),
        now=now,
        reason="Moving the reports' database",
        lasts=timedelta(hours=2),
        starts_at=begins,
    )


def _schedule(line: Line, people: dict[str, User], *, by: Actor, now: datetime, on: date) -> Schedule:
    schedule = Schedule.objects.filter(slug=line.slug).first()
    if schedule is None:
        schedule = Schedule(slug=line.slug, name=line.name, time_zone=line.time_zone)
        set_schedule(schedule, by=by, now=now)
        for layer in line.layers:
            rotation = Rotation(
                schedule=schedule,
                name=layer.name,
                rank=layer.rank,
                unit=ShiftUnit.WEEKS,
                length=1,
                starts_on=_monday(on) - timedelta(weeks=WEEKS_BEFORE),
                hands_off_at=MORNING,
                time_zone=layer.time_zone,
                restrictions=list(layer.restrictions),
            )
            set_rotation(rotation, by=by, now=now, turns=[[people[handle]] for handle in layer.handles])
        if line.slug == "platform":
            _cover(schedule, people["mira"], now=now)
        withdraw_messages(now=now, subject_key=shifts_key(schedule.pk), reason="It was so when the demo began.")
    return schedule


def _set_contacts(schedules: dict[str, Schedule], people: dict[str, User], *, by: Actor, now: datetime) -> None:
    for position, (role, schedule, person, outside, method, within) in enumerate(CONTACTS):
        contact = RoleContact(role=role, outside=outside, method=method, respond_within=within, position=position)
        contact.schedule = schedules[schedule] if schedule else None
        contact.person = people[person] if person else None
        set_role_contact(contact, by=by, now=now)


def _cover(schedule: Schedule, user: User, *, now: datetime) -> None:
    """Somebody covers the day after tomorrow, so that the schedule shows an override."""
    zone = ZoneInfo(schedule.time_zone)
    day = now.astimezone(zone).date() + timedelta(days=2)
    override = Override(
        schedule=schedule,
        kind=OverrideKind.COVER,
        user=user,
        starts_at=local_moment(day, "09:00:00", zone),
        ends_at=local_moment(day, "18:00:00", zone),
        reason="A day off",
    )
    add_override(override, by=Actor(user), now=now)


def _set_steps(policy: Policy, rung: list[tuple[Schedule, int]], *, by: Actor, now: datetime) -> None:
    for position, (schedule, turn) in enumerate(rung):
        rank = WORST_ONLY.get((policy.slug, schedule.slug))
        step = set_step(PolicyStep(policy=policy, position=position, mildest_rank=rank), by=by, now=now)
        set_target(StepTarget(step=step, kind=TargetKind.ON_CALL, schedule=schedule, turn=turn), by=by, now=now)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def local_moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """`14:23:48` of `day` in `zone`."""
    return datetime.combine(day, time.fromisoformat(clock), zone)
