"""A preview is the action itself, undone."""

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from accounts.actor import Actor
from comms.models import Message
from core.errors import NotAllowed
from escalation.actions.preview import preview_change
from escalation.actions.schedule import add_override, cancel_override, set_rotation
from escalation.enums import OverrideKind
from escalation.models import Override
from escalation.queries.calendar import Zones
from tests.factories import NOW
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.escalation import OverrideFactory, make_schedule

BERLIN = Zones(ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Berlin"))
HOUR = timedelta(hours=1)


@pytest.mark.django_db
def test_what_a_preview_said_is_what_saving_does(now):
    ana, ben = UserFactory(name="Ana"), UserFactory(name="Ben")
    schedule = make_schedule(ana)
    override = Override(
        schedule=schedule, kind=OverrideKind.COVER, user=ben, starts_at=NOW + HOUR, ends_at=NOW + 3 * HOUR
    )
    add = partial(add_override, override, by=Actor(ana), now=now)

    preview = preview_change(schedule, add, override.starts_at, override.ends_at, zones=BERLIN, now=now)

    assert preview.sentences == ["Sat 18 Apr 15:23 CEST to Sat 18 Apr 17:23 CEST: Ben instead of Ana"]
    assert [row.line.name for row in preview.strips[0].rows] == ["As it is", "As it would be"]
    assert (Override.objects.count(), Message.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_cancelling_and_changing_a_rotation_are_previewed_alike(now):
    ana, ben = UserFactory(name="Ana"), UserFactory(name="Ben")
    schedule = make_schedule(ana)
    override = OverrideFactory(schedule=schedule, user=ben)
    admin = ActorFactory(user__admin=True)
    cancel = partial(cancel_override, override, by=admin, now=now)
    rotation = schedule.rotations.get()
    turn = partial(set_rotation, rotation, by=admin, now=now, turns=[[ana], [ben]])

    cancelled = preview_change(schedule, cancel, now, override.ends_at, zones=BERLIN, now=now)
    turned = preview_change(schedule, turn, now, now + timedelta(days=7), zones=BERLIN, now=now)

    override.refresh_from_db()
    assert cancelled.sentences == ["Sat 18 Apr 14:23 CEST to Sat 18 Apr 15:23 CEST: Ana instead of Ben"]
    assert turned.sentences == ["Mon 20 Apr 09:00 CEST to Sat 25 Apr 14:23 CEST: Ben instead of Ana"]
    assert override.cancelled_at is None
    assert [place.user for place in rotation.places.all()] == [ana]


@pytest.mark.django_db
def test_what_the_action_refuses_the_preview_refuses(now):
    schedule = make_schedule(UserFactory())
    override = Override(schedule=schedule, user=UserFactory(), starts_at=now, ends_at=now + HOUR)
    add = partial(add_override, override, by=ActorFactory(user__viewer=True), now=now)

    with pytest.raises(NotAllowed, match="Only a responder"):
        preview_change(schedule, add, now, now + HOUR, zones=BERLIN, now=now)


@pytest.mark.django_db
def test_a_long_change_is_looked_at_for_ninety_days_and_drawn_for_four_weeks(now):
    ana, ben = UserFactory(name="Ana"), UserFactory(name="Ben")
    schedule = make_schedule(ana, ben)
    turn = partial(
        set_rotation, schedule.rotations.get(), by=ActorFactory(user__admin=True), now=now, turns=[[ben], [ana], [ana]]
    )

    preview = preview_change(schedule, turn, now, now + timedelta(days=365), zones=BERLIN, now=now)

    assert (len(preview.sentences), preview.more) == (6, 0)
    assert preview.compared_until == "Fri 17 Jul 14:23 CEST"
    assert [len(strip.ticks) for strip in preview.strips] == [7, 7, 7, 7]
