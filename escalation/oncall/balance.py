"""How evenly a schedule is carried: hours, nights and weekends of each person, and one figure for all of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from escalation.oncall.mine import spans_by_person
from escalation.oncall.schedule import ScheduleSpec, Shift
from escalation.oncall.spans import Person

MIDNIGHT, NIGHT_ENDS = time(0, 0), time(6, 0)
A_SATURDAY = date(2000, 1, 1).toordinal()
WEEKEND_DAYS = 2
# Hours count twice as much as nights and as weekends.
WEIGHTS = {"hours": 2, "nights": 1, "weekends": 1}


@dataclass(frozen=True)
class Load:
    """What one person carries: hours on call; nights and weekends of their own zone with any time on call in them."""

    person: Person
    hours: float
    nights: int
    weekends: int


def members_of(spec: ScheduleSpec) -> list[Person]:
    """Whoever takes turns or has shifts in a layer, each once; who only stands in for somebody is none."""
    turns = [users for rotation in spec.rotations for users in rotation.turns]
    turns += [users for layer in spec.fixed for _, _, users in layer.shifts]
    return list(dict.fromkeys(person for users in turns for person in users))


def loads_of(line: Sequence[Shift], zones: Mapping[Person, ZoneInfo]) -> list[Load]:
    """What `line` asks of each person of `zones` (person: their zone) who is in it, the most hours first.

    A night is the hours from midnight to 06:00 of one day, a weekend is Saturday and Sunday, both on the wall clock of
    the person: being on call in any part of it counts it once.
    """
    loads, by_person = [], spans_by_person(line)
    for person, zone in zones.items():
        spans = by_person.get(person)
        if not spans:
            continue
        nights: set[int] = set()
        weekends: set[int] = set()
        for start, end in spans:
            began, ended = start.astimezone(zone), end.astimezone(zone)
            nights.update(_nights(began, ended))
            weekends.update(_weekends(began, ended))
        hours = sum((end - start for start, end in spans), timedelta()) / timedelta(hours=1)
        loads.append(Load(person, hours, len(nights), len(weekends)))
    return sorted(loads, key=lambda load: -load.hours)


def balance_of(loads: Collection[Load]) -> int:
    """From 0 (one person carries everything) to 100 (everybody carries the same).

    For each of hours, nights and weekends: 1 − Σ|x − mean| / (2 × (n − 1) × mean) over the n people; the sum of
    distances from the mean is largest, and the value 0, when one person has all of it. A measure of which nobody has
    any, and a schedule of one person or none, is even. The score is the mean of the three, hours counted twice.
    """
    scores = {measure: _evenness([getattr(load, measure) for load in loads]) for measure in WEIGHTS}
    return round(100 * sum(WEIGHTS[measure] * score for measure, score in scores.items()) / sum(WEIGHTS.values()))


def _evenness(values: Sequence[float]) -> float:
    mean = sum(values) / len(values) if values else 0
    if mean == 0 or len(values) == 1:
        return 1.0
    return 1 - sum(abs(value - mean) for value in values) / (2 * (len(values) - 1) * mean)


def _nights(start: datetime, end: datetime) -> range:
    """The days, as ordinals, of whose first six hours a span has any part; its edges on the wall clock."""
    return range(start.toordinal() + (start.time() >= NIGHT_ENDS), end.toordinal() + (end.time() > MIDNIGHT))


def _weekends(start: datetime, end: datetime) -> Iterator[int]:
    """The Saturdays, as ordinals, of the weekends of which a span has any part; its edges on the wall clock."""
    for day in range(start.toordinal(), end.toordinal() + (end.time() > MIDNIGHT)):
        past_saturday = (day - A_SATURDAY) % 7
        if past_saturday < WEEKEND_DAYS:
            yield day - past_saturday
