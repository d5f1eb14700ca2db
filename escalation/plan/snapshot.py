"""A policy as data, as a page keeps it from its beginning."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.targets import BusinessCalendar

DEFAULT_WAIT = timedelta(minutes=5)


@dataclass(frozen=True)
class TargetSnapshot:
    """One target: its kind, what it names (an id, a role or an address), the turn with a schedule, and its words."""

    kind: str
    key: int | str
    label: str
    turn: int = 0


@dataclass(frozen=True)
class HoursSnapshot:
    """Business hours by name, as they were: ISO weekdays, ISO days, wall times of `zone`; `inside` or outside them."""

    name: str
    zone: str
    workdays: tuple[int, ...]
    holidays: tuple[str, ...]
    opens_at: str
    closes_at: str
    inside: bool = True

    @property
    def calendar(self) -> BusinessCalendar:
        """The hours, ready to be asked."""
        return BusinessCalendar(
            zone=ZoneInfo(self.zone),
            workdays=self.workdays,
            holidays=tuple(date.fromisoformat(day) for day in self.holidays),
            opens_at=time.fromisoformat(self.opens_at),
            closes_at=time.fromisoformat(self.closes_at),
        )


@dataclass(frozen=True)
class ConditionSnapshot:
    """When a step is rung at all: every part that is set must hold.

    Ranks are those of levels, the lower the worse. `more_than` counts how often the subject came up within
    `within_seconds`. With `waits` the step stands still until hours and number hold; else it is gone over.
    """

    worst_rank: int | None = None
    mildest_rank: int | None = None
    hours: HoursSnapshot | None = None
    more_than: int | None = None
    within_seconds: int = 0
    waits: bool = False


ALWAYS = ConditionSnapshot()


@dataclass(frozen=True)
class StepSnapshot:
    """One step and the seconds before the next one, settled when the page began.

    `answers_needed` is how many must answer once it has been rung; 0 leaves that to the page.
    """

    targets: tuple[TargetSnapshot, ...]
    wait_seconds: int
    condition: ConditionSnapshot = ALWAYS
    answers_needed: int = 0


@dataclass(frozen=True)
class PolicySnapshot:
    """A policy as a page began with it. `repeats` counts the passes after the first; `last_resort` is a user id.

    `rings_until_answered`: exhausted, it begins from the top. `silent_seconds`: whoever has acknowledged and then
    does nothing for so long is asked, and then rung anew; None asks nobody.
    """

    name: str
    steps: tuple[StepSnapshot, ...]
    repeats: int = 0
    last_resort: int | None = None
    answers_needed: int = 1
    rings_until_answered: bool = False
    silent_seconds: int | None = None

    def to_json(self) -> dict[str, Any]:
        """For Page.snapshot."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "PolicySnapshot":
        """What `to_json` made, also before there were conditions."""
        return cls(
            name=kept.get("name", ""),
            steps=tuple(_step(step) for step in kept.get("steps", ())),
            repeats=kept.get("repeats", 0),
            last_resort=kept.get("last_resort"),
            answers_needed=kept.get("answers_needed", 1),
            rings_until_answered=kept.get("rings_until_answered", False),
            silent_seconds=kept.get("silent_seconds"),
        )

    @property
    def counts(self) -> bool:
        """Whether a step of it asks how often the subject came up."""
        return any(step.condition.more_than is not None for step in self.steps)


def _step(kept: Mapping[str, Any]) -> StepSnapshot:
    return StepSnapshot(
        targets=tuple(TargetSnapshot(**target) for target in kept["targets"]),
        wait_seconds=kept["wait_seconds"],
        condition=_condition(kept.get("condition") or {}),
        answers_needed=kept.get("answers_needed", 0),
    )


def _condition(kept: Mapping[str, Any]) -> ConditionSnapshot:
    hours = kept.get("hours")
    read = None
    if hours:
        days = {"workdays": tuple(hours["workdays"]), "holidays": tuple(hours["holidays"])}
        read = HoursSnapshot(**{**hours, **days})
    return ConditionSnapshot(**{**kept, "hours": read})
