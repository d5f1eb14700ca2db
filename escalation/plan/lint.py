"""What is wrong with a policy, or will be, said before somebody is rung by it. Pure: no query, no clock.

A finding is a whole sentence. None of them stops anybody: an admin may mean it so.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.moments import show_moment
from escalation.enums import LintKind, TargetKind
from escalation.plan.snapshot import ConditionSnapshot, PolicySnapshot, StepSnapshot, TargetSnapshot
from escalation.plan.step import LAST_RESORT, SHORTEST_PASS, Behind, Reach

LOOKS_AHEAD = timedelta(days=30)
HALF_HOURS_OF_TWO_WEEKS = 2 * 7 * 48


@dataclass(frozen=True)
class ScheduleFacts:
    """What a lint must know of a schedule: its name, its zone, and the first span of the next 30 days with nobody."""

    name: str
    zone: ZoneInfo
    gap: tuple[datetime, datetime] | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, in a sentence; `step` counts from 0 and is None for the whole policy."""

    kind: LintKind
    sentence: str
    step: int | None = None


def lint(
    snapshot: PolicySnapshot,
    *,
    reach: Reach,
    schedules: Mapping[int, ScheduleFacts],
    names: Mapping[int, str],
    now: datetime,
    when: str = "now",
    unproved: Collection[int] = (),
) -> list[Finding]:
    """Everything that is wrong with `snapshot` as it stands at `now`, step by step, the whole policy at last.

    `reach` and `names` must know everybody whom it may reach at `now`, `schedules` each schedule that it rings.
    `when` is `now` in words. `unproved` are those whom something urgent reaches by no address that is verified.
    """
    found: list[Finding] = []
    behind_wall, before = False, frozenset[int]()
    for place, step in enumerate(snapshot.steps):
        if behind_wall:
            found.append(_unreached(place))
            continue
        people = {target: reach(target, now) for target in step.targets if target.kind != TargetKind.WEBHOOK}
        found += _of_condition(place, step, now)
        found += _of_targets(place, step, people, schedules, names, when)
        found += _of_addresses(f"Step {place + 1}", people.values(), names, unproved, place)
        rung = frozenset(one.person for some in people.values() for one in some if not one.why_not)
        found += _same_again(place, rung, before, names)
        behind_wall = step.condition.waits and _never_holds(step.condition, now)
        before = rung
    return found + list(_of_policy(snapshot)) + list(_of_last_resort(snapshot, reach, names, now, unproved))


def _unreached(place: int) -> Finding:
    sentence = f"Step {place + 1} is never reached: a step before it waits for what never comes."
    return Finding(LintKind.UNREACHABLE, sentence, place)


def _of_condition(place: int, step: StepSnapshot, now: datetime) -> Iterator[Finding]:
    condition = step.condition
    if _never_holds(condition, now) and condition.hours:
        side = "inside" if condition.hours.inside else "outside"
        sentence = f"Step {place + 1} is never rung: it is never {side} {condition.hours.name}."
        yield Finding(LintKind.UNREACHABLE, sentence, place)
    elif condition.waits and condition.more_than:
        times = f"{condition.more_than + 1} times"
        sentence = f"Step {place + 1} waits until it came up {times}: what comes up once never gets beyond it."
        yield Finding(LintKind.UNREACHABLE, sentence, place)


def _of_targets(
    place: int,
    step: StepSnapshot,
    people: Mapping[TargetSnapshot, Sequence[Behind]],
    schedules: Mapping[int, ScheduleFacts],
    names: Mapping[int, str],
    when: str,
) -> Iterator[Finding]:
    """Nobody there, nobody reachable, the same person twice, and gaps to come."""
    if not step.targets:
        yield Finding(LintKind.NOBODY, f"Step {place + 1} aims at nobody.", place)
    seen: set[int] = set()
    for target, behind in people.items():
        if target.kind == TargetKind.ROLE:
            continue  # who holds it is known only once there is an incident
        schedule = schedules.get(int(target.key)) if target.kind == TargetKind.ON_CALL else None
        if not behind:
            yield Finding(
                LintKind.NOBODY, f"Step {place + 1} rings nobody {when}: {_nobody(target, schedule)}.", place
            )
        for one in behind:
            if one.why_not:
                sentence = f"Step {place + 1} cannot reach {names[one.person]}: {one.why_not}."
                yield Finding(LintKind.NO_CONTACT, sentence, place)
            elif one.person in seen:
                yield Finding(LintKind.TWICE, f"Step {place + 1} names {names[one.person]} twice.", place)
            seen.add(one.person)
        if schedule and schedule.gap:
            since, until = (show_moment(moment, schedule.zone) for moment in schedule.gap)
            sentence = f"Step {place + 1} will ring nobody in {schedule.name} from {since} to {until}."
            yield Finding(LintKind.GAP, sentence, place)


def _of_addresses(
    what: str,
    people: Collection[Sequence[Behind]],
    names: Mapping[int, str],
    unproved: Collection[int],
    place: int | None = None,
) -> Iterator[Finding]:
    """Whom only an address reaches that nobody has proved to be theirs; each once."""
    reached = dict.fromkeys(one.person for some in people for one in some if not one.why_not)
    for person in reached:
        if person in unproved:
            sentence = f"{what} reaches {names[person]} only by an address that is not verified."
            yield Finding(LintKind.NO_CONTACT, sentence, place)


def _of_last_resort(
    snapshot: PolicySnapshot,
    reach: Reach,
    names: Mapping[int, str],
    now: datetime,
    unproved: Collection[int],
) -> Iterator[Finding]:
    """Whether the last resort is there and can be reached."""
    if snapshot.last_resort is None:
        return
    behind = reach(TargetSnapshot(TargetKind.PERSON, snapshot.last_resort, LAST_RESORT), now)
    for one in behind:
        if one.why_not:
            sentence = f"The last resort {names[one.person]} cannot be reached: {one.why_not}."
            yield Finding(LintKind.NO_CONTACT, sentence)
    yield from _of_addresses("The last resort", [behind], names, unproved)


def _nobody(target: TargetSnapshot, schedule: ScheduleFacts | None) -> str:
    if schedule is None:
        return f"nobody is {target.label}" if target.kind == TargetKind.TEAM else "the person is gone"
    return f"nobody is next in {schedule.name}" if target.turn else f"nobody is on call in {schedule.name}"


def _same_again(
    place: int, rung: frozenset[int], before: frozenset[int], names: Mapping[int, str]
) -> Iterator[Finding]:
    """A step that rings only people whom the step before it has rung just now."""
    if rung and rung <= before:
        who = ", ".join(sorted(names[person] for person in rung))
        sentence = f"Step {place + 1} rings only {who}, whom the step before it rings already."
        yield Finding(LintKind.TWICE, sentence, place)


def _of_policy(snapshot: PolicySnapshot) -> Iterator[Finding]:
    if not snapshot.steps:
        yield Finding(LintKind.NOBODY, "The policy has no step: only its last resort is rung.")
    again = snapshot.repeats > 0 or snapshot.rings_until_answered
    if snapshot.steps and again and timedelta(seconds=sum(one.wait_seconds for one in snapshot.steps)) < SHORTEST_PASS:
        yield Finding(
            LintKind.NO_DELAY,
            "A whole pass takes less than a minute, so everybody is rung again every minute, before they can answer.",
        )
    if snapshot.last_resort is None:
        yield Finding(
            LintKind.NO_LAST_RESORT, "The policy names no last resort: when nobody answers, nobody else is rung."
        )


def _never_holds(condition: ConditionSnapshot, now: datetime) -> bool:
    """Whether the hours of a condition are on the wrong side in every half hour of the next two weeks."""
    if condition.hours is None:
        return False
    calendar, inside = condition.hours.calendar, condition.hours.inside
    moments = (now + timedelta(minutes=30 * half) for half in range(HALF_HOURS_OF_TWO_WEEKS))
    return not any(calendar.is_open_at(moment) == inside for moment in moments)
