"""One person's part of the line: pure, so without rows."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from escalation.enums import ShiftNoticeKind
from escalation.oncall import Shift
from escalation.oncall.mine import Span, notices, people_in, spans_of, without
from tests.factories import NOW

HOUR = timedelta(hours=1)


def at(hour: float) -> datetime:
    """So many hours after NOW."""
    return NOW + hour * HOUR


def line(*spans: tuple[float, float, str]) -> list[Shift]:
    """Shifts from and up to so many hours after NOW; each letter is a person."""
    return [Shift(at(start), at(end), tuple(users), "Weekly", None) for start, end, users in spans]


def hours(spans: list[Span]) -> list[tuple[float, float]]:
    """Spans as hours after NOW."""
    return [((start - NOW) / HOUR, (end - NOW) / HOUR) for start, end in spans]


def test_neighbours_are_one_span_whoever_else_is_there() -> None:
    several = line((0, 4, "a"), (4, 8, "ab"), (8, 9, "b"), (10, 12, "a"))

    assert hours(spans_of(several, "a")) == [(0, 8), (10, 12)]
    assert hours(spans_of(several, "b")) == [(4, 9)]
    assert spans_of(several, "c") == []
    assert people_in(several) == ["a", "b"]


def test_what_an_edit_gave_is_what_was_not_there_before() -> None:
    before, after = line((0, 4, "a"), (6, 8, "a")), line((1, 7, "a"), (9, 10, "a"))

    assert hours(without(spans_of(after, "a"), spans_of(before, "a"))) == [(4, 6), (9, 10)]
    assert hours(without(spans_of(before, "a"), spans_of(after, "a"))) == [(0, 1), (7, 8)]


spans = st.lists(st.integers(0, 40), unique=True).map(
    lambda edges: [(at(a), at(b)) for a, b in zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False)]
)


@given(one=spans, other=spans)
def test_no_hour_is_lost_or_invented(one: list[Span], other: list[Span]) -> None:
    left = without(one, other)
    for hour in range(41):
        inside = [any(start <= at(hour) < end for start, end in each) for each in (left, one, other)]
        assert inside[0] == (inside[1] and not inside[2])


def test_a_shift_is_announced_begun_and_ended_and_a_cut_is_no_edge() -> None:
    seen = line((0, 2, "a"), (2, 10, "b"), (10, 12, "a"))

    told = [
        ((one.at - NOW) / HOUR, one.person, str(one.kind), one.before / HOUR)
        for one in notices(seen, at(0), at(12), [HOUR, 4 * HOUR])
    ]

    assert told == [
        (-2, "b", "soon", 4),
        (1, "b", "soon", 1),
        (2, "a", "ends", 0),
        (2, "b", "begins", 0),
        (6, "a", "soon", 4),
        (9, "a", "soon", 1),
        (10, "a", "begins", 0),
        (10, "b", "ends", 0),
    ]


def test_nobody_is_told_in_advance_of_the_shift_after_the_one_they_are_in() -> None:
    every_other = line((0, 12, "a"), (12, 24, "b"), (24, 36, "a"), (36, 48, "b"))

    told = notices(every_other, at(-1), at(48), [24 * HOUR, 12 * HOUR, HOUR])

    assert [((one.at - NOW) / HOUR, one.person) for one in told if one.kind == ShiftNoticeKind.SOON] == [
        (-24, "a"),
        (-12, "a"),
        (-12, "b"),
        (-1, "a"),
        (0, "b"),
        (11, "b"),
        (12, "a"),
        (23, "a"),
        (24, "b"),
        (35, "b"),
    ]


def test_where_the_line_is_cut_the_edge_is_not_known() -> None:
    (soon, begins) = notices(line((1, 3, "a")), at(0), at(3), [HOUR])

    assert (soon.kind, soon.start, soon.end) == (ShiftNoticeKind.SOON, at(1), None)
    assert (begins.kind, begins.at) == (ShiftNoticeKind.BEGINS, at(1))


def test_a_shift_of_less_than_four_hours_is_announced_but_not_handed_over() -> None:
    seen = line((0, 5, "a"), (5, 6, "b"), (6, 9, "c"), (9, 13, "b"), (13, 20, "a"))

    told = [((one.at - NOW) / HOUR, one.person, str(one.kind)) for one in notices(seen, at(0), at(20), [HOUR])]

    assert told == [
        (4, "b", "soon"),
        (5, "a", "ends"),
        (5, "c", "soon"),
        (8, "b", "soon"),
        (9, "b", "begins"),
        (12, "a", "soon"),
        (13, "a", "begins"),
        (13, "b", "ends"),
    ]
