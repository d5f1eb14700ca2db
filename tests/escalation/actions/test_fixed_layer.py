"""Layers of single shifts: kept whole or not at all."""

from datetime import timedelta

import pytest

from accounts.actor import MUSTER
from core.errors import InvalidInput, NotAllowed
from escalation.actions.fixed_layer import remove_fixed_layer, set_fixed_layer
from escalation.models import FixedLayer, FixedShift
from escalation.queries.oncall import on_call_now
from tests.escalation.story import by
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import FixedLayerFactory, FixedShiftFactory, ScheduleFactory, make_schedule

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_shifts_replace_those_before_them_and_outrank_the_rotation() -> None:
    ana, ben, eva = UserFactory.create_batch(3)
    schedule = make_schedule(ana)
    layer = FixedLayerFactory(schedule=schedule, rank=1)
    FixedShiftFactory(layer=layer, user=ben)
    assert on_call_now(schedule, NOW) == [ben]

    later = FixedShift(user=eva, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    set_fixed_layer(layer, by=MUSTER, now=NOW, shifts=[later])

    assert on_call_now(schedule, NOW) == [ana]
    assert on_call_now(schedule, NOW + HOUR) == [eva]
    remove_fixed_layer(layer, by=MUSTER, now=NOW)
    assert on_call_now(schedule, NOW + HOUR) == [ana]
    assert FixedShift.objects.count() == 0


def test_only_an_admin_changes_a_layer() -> None:
    layer = FixedLayerFactory()

    with pytest.raises(NotAllowed, match="Only an admin"):
        set_fixed_layer(layer, by=by(UserFactory()), now=NOW, shifts=[])
    with pytest.raises(NotAllowed, match="Only an admin"):
        remove_fixed_layer(layer, by=by(UserFactory()), now=NOW)


def test_a_shift_that_lasts_no_time_changes_nothing() -> None:
    layer = FixedLayer(schedule=ScheduleFactory())

    with pytest.raises(InvalidInput, match="A shift ends after it starts"):
        set_fixed_layer(layer, by=MUSTER, now=NOW, shifts=[FixedShift(user=UserFactory(), starts_at=NOW, ends_at=NOW)])

    assert FixedLayer.objects.count() == 0


def test_a_layer_whose_shifts_break_keeps_those_before(monkeypatch: pytest.MonkeyPatch) -> None:
    shift = FixedShiftFactory()

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the second write broke")

    monkeypatch.setattr(FixedShift.objects, "bulk_create", fails)
    with pytest.raises(RuntimeError):
        set_fixed_layer(shift.layer, by=MUSTER, now=NOW, shifts=[])

    assert list(FixedShift.objects.all()) == [shift]
