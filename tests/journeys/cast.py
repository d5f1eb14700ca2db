"""The people of a story, their schedules and how they are reached."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import User
from comms.enums import MessageKind, Transport
from comms.models import ContactPoint, Subscription
from escalation.enums import TargetKind
from escalation.models import Policy, PolicyStep, Rotation, RotationMember, Schedule, Service, StepTarget

BERLIN = ZoneInfo("Europe/Berlin")
MONITOR = Actor(user=None, via=Via.MUSTER)


@dataclass(frozen=True)
class Cast:
    """Jens is primary, Mira comes next in the rotation, Ana is the engineering manager on call."""

    jens: User
    mira: User
    ana: User
    service: Service


def person(handle: str, address: str) -> User:
    """Somebody in Berlin who is reached by one webhook of their own."""
    user = User.objects.create_user(
        handle, time_zone="Europe/Berlin", email=f"{handle}@example.org", name=handle.title()
    )
    ContactPoint.objects.create(
        user=user, transport=Transport.WEBHOOK, address=f"{address}/{handle}", verified_at=datetime.now(UTC)
    )
    return user


def weekly(slug: str, *people: User) -> Schedule:
    """A weekly rotation that hands off on Monday at nine in Berlin."""
    schedule = Schedule.objects.create(slug=slug, name=slug.replace("-", " ").capitalize(), time_zone="Europe/Berlin")
    rotation = Rotation.objects.create(schedule=schedule, starts_on=date(2026, 4, 13), hands_off_at=time(9))
    for position, user in enumerate(people):
        RotationMember.objects.create(rotation=rotation, user=user, position=position)
    return schedule


def policy(slug: str, *targets: tuple[Schedule, int]) -> Policy:
    """One step for each target: who is on call in a schedule now (0) or next (1); waits as the level says."""
    made = Policy.objects.create(slug=slug, name=slug.replace("-", " ").capitalize())
    for position, (schedule, turn) in enumerate(targets):
        step = PolicyStep.objects.create(policy=made, position=position)
        StepTarget.objects.create(step=step, kind=TargetKind.ON_CALL, schedule=schedule, turn=turn)
    return made


def assemble(sink_url: str) -> Cast:
    """Everybody in place, and #incidents behind the sink."""
    jens, mira, ana = (person(handle, sink_url) for handle in ("jens", "mira", "ana"))
    platform = weekly("platform", jens, mira)
    managers = weekly("managers", ana)
    primary = policy("platform-primary", (platform, 0), (platform, 1), (managers, 0))
    policy("engineering-manager", (managers, 0))
    Subscription.objects.create(
        name="incidents", transport=Transport.WEBHOOK, address=f"{sink_url}/incidents", kinds=list(MessageKind.values)
    )
    service = Service.objects.create(slug="policy-pipeline", name="Policy pipeline", policy=primary)
    return Cast(jens=jens, mira=mira, ana=ana, service=service)


def by_web(user: User) -> Actor:
    """`user` in the room."""
    return Actor(user=user, via=Via.WEB)
