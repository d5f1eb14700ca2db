"""Whether a step's condition holds: by the level, by business hours, by how often its subject came up. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.moments import show_duration
from core.targets import BusinessCalendar
from escalation.plan.snapshot import ConditionSnapshot, HoursSnapshot, PolicySnapshot

LOOK_AGAIN = timedelta(seconds=60)
FARTHEST_DAYS = 3660


@dataclass(frozen=True)
class Unmet:
    """Why a step is not rung, in words; `look_again_at` is None when it is gone over rather than waited for."""

    why: str
    look_again_at: datetime | None = None


def unmet(
    condition: ConditionSnapshot, *, level_rank: int | None, came_up: Sequence[datetime], now: datetime
) -> Unmet | None:
    """What does not hold at `now`, or None. A level never changes under a page, so nobody waits for another one.

    `level_rank` None asks no level: the plan of a policy before there is a page.
    """
    if level_rank is not None and not _is_of_level(condition, level_rank):
        return Unmet(level_words(condition))
    if condition.hours and condition.hours.calendar.is_open_at(now) != condition.hours.inside:
        return Unmet(hours_words(condition.hours), next_change(condition.hours, now) if condition.waits else None)
    if condition.more_than is not None:
        within = timedelta(seconds=condition.within_seconds)
        if sum(now - within < at <= now for at in came_up) <= condition.more_than:
            return Unmet(count_words(condition), now + LOOK_AGAIN if condition.waits else None)
    return None


def _is_of_level(condition: ConditionSnapshot, rank: int) -> bool:
    worst, mildest = condition.worst_rank, condition.mildest_rank
    return (worst is None or rank >= worst) and (mildest is None or rank <= mildest)


def level_words(condition: ConditionSnapshot) -> str:
    """`only at levels of rank 1 or worse`; nothing for any level."""
    worst, mildest = condition.worst_rank, condition.mildest_rank
    if worst is None and mildest is None:
        return ""
    if worst is None:
        return f"only at levels of rank {mildest} or worse"
    if mildest is None:
        return f"only at levels of rank {worst} or milder"
    return f"only at levels of rank {worst}" if worst == mildest else f"only at levels of rank {worst} to {mildest}"


def hours_words(hours: HoursSnapshot) -> str:
    """`only inside Office hours`."""
    return f"only {'inside' if hours.inside else 'outside'} {hours.name}"


def count_words(condition: ConditionSnapshot) -> str:
    """`only once it came up more than 3 times within 5 min`."""
    within = show_duration(timedelta(seconds=condition.within_seconds))
    return f"only once it came up more than {condition.more_than} times within {within}"


def condition_words(condition: ConditionSnapshot) -> str:
    """The whole condition in words; nothing for a step that is always rung."""
    parts = [level_words(condition)]
    parts += [hours_words(condition.hours)] if condition.hours else []
    parts += [count_words(condition)] if condition.more_than is not None else []
    return ", ".join(part for part in parts if part)


def ranks_that_differ(snapshot: PolicySnapshot) -> list[int | None]:
    """One rank of level for each way in which the policy can go, the worst first; [None] when no step asks for it."""
    edges: set[int] = set()
    for step in snapshot.steps:
        worst, mildest = step.condition.worst_rank, step.condition.mildest_rank
        edges |= {worst} if worst is not None else set()
        edges |= {mildest + 1} if mildest is not None else set()
    return [*sorted({0, *edges})] if edges else [None]


def next_change(hours: HoursSnapshot, now: datetime) -> datetime:
    """When hours that do not hold at `now` next will; a calendar that never opens is asked again the next day."""
    calendar = hours.calendar
    found = _next_opening(calendar, now) if hours.inside else _next_close(calendar, now)
    return found or now + timedelta(days=1)


def _next_opening(calendar: BusinessCalendar, now: datetime) -> datetime | None:
    day = now.astimezone(calendar.zone).date() - timedelta(days=1)
    for _ in range(FARTHEST_DAYS):
        opened, closed = calendar.hours_of(day)
        if calendar.is_open_on(day) and now < opened < closed:
            return opened
        day += timedelta(days=1)
    return None


def _next_close(calendar: BusinessCalendar, now: datetime) -> datetime | None:
    at = now
    for _ in range(FARTHEST_DAYS):
        if not calendar.is_open_at(at):
            return at
        today = at.astimezone(calendar.zone).date()
        spans = [calendar.hours_of(day) for day in (today - timedelta(days=1), today) if calendar.is_open_on(day)]
        at = max(closed for opened, closed in spans if opened <= at < closed)
    return None
