"""The clock ran an hour ahead and is put right: what waits leaves in time, or is tried in time."""

from datetime import timedelta

import pytest

from comms.actions.delivery import deliver_due
from comms.actions.failed_receiver import retry_failed_receivers
from comms.models import EngineTick, FailedReceiver, Message
from comms.queries.throttle import left_for
from tests.comms.hooks import ids, to_hook
from tests.factories import NOW
from tests.factories.comms import FailedReceiverFactory, MessageFactory

pytestmark = pytest.mark.django_db
AHEAD = NOW + timedelta(hours=1)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def test_a_message_leaves_in_time_and_one_whose_moment_was_to_come_by_the_new_clock_keeps_its_distance(
    hook, httpserver
) -> None:
    soon = to_hook(hook, deliver_after=AHEAD, created_at=AHEAD)
    later = MessageFactory(deliver_after=AHEAD + 10 * MINUTE, created_at=AHEAD)
    EngineTick.objects.create(sweep="comms.deliver_due", ticked_at=AHEAD)

    assert deliver_due(now=NOW + SECOND) == 0
    assert deliver_due(now=NOW + 2 * SECOND) == 1

    assert ids(httpserver) == [str(soon.key)]
    assert Message.objects.get(pk=later.pk).deliver_after == NOW + 10 * MINUTE + SECOND


def test_a_failed_receiver_is_tried_in_time() -> None:
    failed = FailedReceiverFactory(failed_at=AHEAD, wake_at=AHEAD + MINUTE)
    retry_failed_receivers(now=AHEAD)

    retry_failed_receivers(now=NOW + SECOND)

    assert FailedReceiver.objects.get(pk=failed.pk).wake_at == NOW + MINUTE + SECOND


def test_what_left_by_the_clock_that_ran_ahead_holds_nothing_up() -> None:
    sent = MessageFactory(sent=True, sent_at=AHEAD, deliver_after=AHEAD, created_at=AHEAD)
    point = sent.contact_point.pk

    assert left_for([point], NOW) == {point: []}
    assert left_for([point], AHEAD) == {point: [AHEAD]}
