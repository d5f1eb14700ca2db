"""Who may change schedules and policies, and what cannot be taken away."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.actor import MUSTER
from core.errors import InvalidInput, NotAllowed, WrongState
from escalation.actions.policy import remove_policy, set_policy
from escalation.actions.schedule import (
    add_override,
    cancel_override,
    remove_schedule,
    set_rotation,
    set_schedule,
)
from escalation.enums import OverrideKind, ShiftUnit
from escalation.models import Override, Policy, RotationMember, Schedule
from escalation.queries.oncall import on_call_now
from tests.escalation.story import by, start
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import (
    PolicyFactory,
    PolicyStepFactory,
    RotationFactory,
    ScheduleFactory,
    StepTargetFactory,
    make_policy,
    make_schedule,
)

pytestmark = pytest.mark.django_db


def test_only_an_admin_changes_schedules_and_policies_and_a_viewer_overrides_nothing() -> None:
    responder, viewer = UserFactory(), UserFactory(viewer=True)
    schedule, policy = make_schedule(responder), PolicyFactory(name="Before")
    policy.name = "After"

    with pytest.raises(NotAllowed, match="Only an admin"):
        set_schedule(schedule, by=by(responder), now=NOW)
    with pytest.raises(NotAllowed, match="Only an admin"):
        set_rotation(schedule.rotations.get(), by=by(responder), now=NOW, turns=[[viewer]])
    with pytest.raises(NotAllowed, match="Only an admin"):
        set_policy(policy, by=by(responder), now=NOW)
    with pytest.raises(NotAllowed, match="Only a responder"):
        add_override(Override(schedule=schedule), by=by(viewer), now=NOW)

    assert Policy.objects.get().name == "Before"
    assert [place.user for place in RotationMember.objects.all()] == [responder]


def test_a_responder_covers_and_takes_it_back() -> None:
    ana, ben = UserFactory(), UserFactory()
    schedule = make_schedule(ana)
    span = {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}

    override = add_override(
        Override(schedule=schedule, kind=OverrideKind.COVER, user=ben, **span), by=by(ben), now=NOW
    )
    assert on_call_now(schedule, NOW) == [ben]
    cancel_override(override, by=by(ana), now=NOW)
    assert on_call_now(schedule, NOW) == [ana]
    with pytest.raises(WrongState, match="was cancelled before"):
        cancel_override(override, by=by(ana), now=NOW)
    with pytest.raises(InvalidInput, match="ends after it starts"):
        add_override(Override(schedule=schedule, user=ben, starts_at=NOW, ends_at=NOW), by=by(ben), now=NOW)


def test_a_rotation_that_breaks_while_its_people_change_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    ana, ben = UserFactory(), UserFactory()
    rotation = make_schedule(ana).rotations.get()
    rotation.name = "Changed"

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the second write broke")

    monkeypatch.setattr(RotationMember.objects, "bulk_create", fails)
    with pytest.raises(RuntimeError):
        set_rotation(rotation, by=MUSTER, now=NOW, turns=[[ben]])

    rotation.refresh_from_db()
    assert (rotation.name, [place.user for place in rotation.places.all()]) == ("Weekly", [ana])


def test_what_is_named_elsewhere_stays() -> None:
    ana = UserFactory()
    schedule, unused = make_schedule(ana), make_schedule(ana)
    StepTargetFactory(step=PolicyStepFactory(), on_call=schedule)
    policy = make_policy(ana)
    start(policy=policy)

    with pytest.raises(WrongState, match="A policy still rings"):
        remove_schedule(schedule, by=MUSTER, now=NOW)
    with pytest.raises(WrongState, match="names this policy"):
        remove_policy(policy, by=MUSTER, now=NOW)
    remove_schedule(unused, by=MUSTER, now=NOW)

    assert list(Schedule.objects.all()) == [schedule]
    assert policy.steps.count() == 1


def test_whoever_is_on_call_stays_so_when_others_join_or_leave() -> None:
    ana, ben, eva, liv = UserFactory.create_batch(4)
    schedule = make_schedule(eva, ana, ben)  # ana is on call, then ben, then eva
    rotation = schedule.rotations.get()
    weeks = [NOW + timedelta(weeks=number) for number in range(4)]

    set_rotation(rotation, by=MUSTER, now=NOW, turns=[[liv], [eva], [ana], [ben]])
    assert [on_call_now(schedule, week) for week in weeks] == [[ana], [ben], [liv], [eva]]
    set_rotation(rotation, by=MUSTER, now=NOW, turns=[[eva], [ana]])
    assert [on_call_now(schedule, week) for week in weeks] == [[ana], [eva], [ana], [eva]]
    # When the one on call leaves, the next one has it.
    set_rotation(rotation, by=MUSTER, now=NOW, turns=[[liv], [eva], [ben]])
    assert [on_call_now(schedule, week) for week in weeks] == [[eva], [ben], [liv], [eva]]


@pytest.mark.parametrize("unit", [ShiftUnit.ACTIVE_DAYS, ShiftUnit.CALENDAR_WEEKS, ShiftUnit.CALENDAR_MONTHS])
def test_that_holds_for_every_way_to_count_turns_also_while_the_layer_is_not_seen(unit: ShiftUnit) -> None:
    ana, ben, eva = UserFactory.create_batch(3)
    schedule = ScheduleFactory()
    rotation = RotationFactory(
        schedule=schedule, people=[ana, ben, eva], unit=unit, restrictions=["every day 20:00-21:00"]
    )
    evening = NOW.replace(hour=18, minute=30)
    [present] = on_call_now(schedule, evening)

    set_rotation(rotation, by=MUSTER, now=NOW, turns=[[user] for user in (UserFactory(), eva, ben, ana)])

    assert on_call_now(schedule, NOW) == []
    assert on_call_now(schedule, evening) == [present]


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"restrictions": ["by night"]}, "restrictions", "Item 1 in the array did not validate: “by night” is not a"),
        ({"active_days": [1]}, "active_days", "Only turns by active days, calendar weeks or calendar months"),
        ({"unit": ShiftUnit.MINUTES, "length": 5}, "length", "A turn lasts at least 15 minutes."),
        ({"starts_on": date(1, 1, 1)}, "starts_on", "A hand-off lies between 2000 and 2100."),
        ({"shift_length": "a while"}, "shift_length", "“a while” is not a duration"),
        ({"starts_at": NOW, "ends_at": NOW}, "ends_at", "This rotation ends before it is seen"),
    ],
)
def test_a_rotation_that_says_nothing_is_refused(wrong: dict[str, Any], field: str, sentence: str) -> None:
    rotation = make_schedule(UserFactory()).rotations.get()
    for name, value in wrong.items():
        setattr(rotation, name, value)

    with pytest.raises(InvalidInput) as refusal:
        set_rotation(rotation, by=MUSTER, now=NOW)

    assert refusal.value.field == field
    assert str(refusal.value).startswith(sentence)
