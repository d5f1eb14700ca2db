"""A plan of its own for a span: who is on call in it, who is not, and how it stands among the overrides."""

from datetime import timedelta

import pytest

from accounts.actor import MUSTER
from core.errors import InvalidInput, NotAllowed, WrongState
from escalation.actions.schedule import add_override
from escalation.actions.temporary_schedule import cancel_temporary_schedule, set_temporary_schedule
from escalation.enums import OverrideKind
from escalation.models import FixedShift, Override, Schedule, TemporarySchedule
from escalation.queries.oncall import on_call_now
from tests.escalation.story import by
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import OverrideFactory, ScheduleFactory, TemporaryScheduleFactory, make_schedule

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def move(schedule: Schedule, **changes: object) -> TemporarySchedule:
    """Four hours from NOW on."""
    wanted = {"name": "Move", "starts_at": NOW, "ends_at": NOW + 4 * HOUR, **changes}
    return TemporarySchedule(schedule=schedule, **wanted)


def test_only_its_shifts_count_inside_its_span_and_where_it_has_none_nobody_is_on_call() -> None:
    ana, ben, eva = UserFactory.create_batch(3)
    schedule = make_schedule(ana)
    OverrideFactory(schedule=schedule, user=eva)  # an older override is part of what is replaced
    shift = FixedShift(user=ben, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)

    temporary = set_temporary_schedule(move(schedule), by=by(ana), now=NOW, shifts=[shift])

    assert [on_call_now(schedule, NOW + n * HOUR) for n in range(-1, 5)] == [[eva], [], [ben], [], [], [ana]]
    cancel_temporary_schedule(temporary, by=by(ben), now=NOW)
    assert on_call_now(schedule, NOW + HOUR) == [ana]
    with pytest.raises(WrongState, match="was cancelled before"):
        cancel_temporary_schedule(temporary, by=by(ana), now=NOW)
    with pytest.raises(WrongState, match="make a new one"):
        set_temporary_schedule(temporary, by=by(ana), now=NOW)


def test_a_newer_override_has_the_last_word_over_it_also_after_it_was_changed() -> None:
    ana, ben = UserFactory.create_batch(2)
    schedule = make_schedule(ana)
    temporary = set_temporary_schedule(move(schedule), by=by(ana), now=NOW, shifts=[])
    span = {"starts_at": NOW + HOUR, "ends_at": NOW + 2 * HOUR}
    cover = Override(schedule=schedule, kind=OverrideKind.COVER, user=ben, **span)
    add_override(cover, by=by(ben), now=NOW + timedelta(minutes=1))

    temporary.name = "Move, day two"
    set_temporary_schedule(temporary, by=by(ana), now=NOW + timedelta(minutes=2), shifts=[])

    assert [on_call_now(schedule, NOW + n * HOUR) for n in range(3)] == [[], [ben], []]


@pytest.mark.parametrize(
    ("wrong", "shift", "sentence"),
    [
        ({"ends_at": NOW}, (0, 1), "A temporary schedule ends after it starts."),
        ({}, (1, 1), "A shift ends after it starts."),
        ({}, (4, 5), "A shift lies outside the span of the temporary schedule."),
        ({"name": ""}, (0, 1), "This field cannot be blank."),
        ({"ends_at": NOW.replace(year=9999)}, (0, 1), "A moment lies between 2000 and 2100."),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(
    wrong: dict[str, object], shift: tuple[int, int], sentence: str
) -> None:
    ana, schedule = UserFactory(), ScheduleFactory()
    shifts = [FixedShift(user=ana, starts_at=NOW + shift[0] * HOUR, ends_at=NOW + shift[1] * HOUR)]

    with pytest.raises(InvalidInput) as refusal:
        set_temporary_schedule(move(schedule, **wrong), by=by(ana), now=NOW, shifts=shifts)

    assert str(refusal.value) == sentence
    assert TemporarySchedule.objects.count() == FixedShift.objects.count() == 0


def test_a_responder_makes_one_and_a_viewer_does_not() -> None:
    viewer, temporary = UserFactory(viewer=True), TemporaryScheduleFactory()

    with pytest.raises(NotAllowed, match="Only a responder"):
        set_temporary_schedule(move(ScheduleFactory()), by=by(viewer), now=NOW, shifts=[])
    with pytest.raises(NotAllowed, match="Only a responder"):
        cancel_temporary_schedule(temporary, by=by(viewer), now=NOW)
    with pytest.raises(NotAllowed, match="by a person"):
        set_temporary_schedule(move(ScheduleFactory()), by=MUSTER, now=NOW, shifts=[])


def test_one_whose_shifts_break_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the second write broke")

    monkeypatch.setattr(FixedShift.objects, "bulk_create", fails)
    with pytest.raises(RuntimeError):
        set_temporary_schedule(move(ScheduleFactory()), by=by(UserFactory()), now=NOW, shifts=[])

    assert TemporarySchedule.objects.count() == 0
