"""What should have followed and failed is kept with what was announced, and tried again until it has followed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.actor import MUSTER, Actor
from accounts.enums import AccessLevel, TokenScope, Via
from accounts.models import Team
from comms.actions.failed_receiver import (
    drop_failed_receiver,
    read,
    retry_failed_receivers,
    try_again_now,
    written,
)
from comms.models import EngineTick, FailedReceiver, Message
from comms.signals import message_delivered
from core.errors import NotAllowed, WrongState
from core.signals import announce
from tests.factories.accounts import TeamFactory, UserFactory
from tests.factories.comms import DeliveryFactory, FailedReceiverFactory, MessageFactory

pytestmark = pytest.mark.django_db
HERE = "tests.comms.actions.test_failed_receiver"
broken = True


def found_team_twice(message: Message, **_: Any) -> None:
    """A receiver that the database refuses, quoting the row."""
    for _nth in range(2):
        TeamFactory(slug=message.subject_key)


def found_team(message: Message, **_: Any) -> None:
    """A receiver that writes a row named by its message, and fails after that while it is `broken`."""
    TeamFactory(slug=message.subject_key)
    if broken:
        raise ValueError("the team cannot  meet")


@pytest.fixture
def receiver(monkeypatch):
    """The receiver above, connected and broken; called with False it is mended."""
    message_delivered.connect(found_team)
    yield lambda is_broken: monkeypatch.setattr(f"{HERE}.broken", is_broken)
    message_delivered.disconnect(found_team)


@pytest.fixture
def failed(receiver, now, time_machine) -> FailedReceiver:
    """The row of its failure, made by a delivery at `now`."""
    time_machine.move_to(now, tick=False)
    delivery = DeliveryFactory(message=MessageFactory(sent=True, subject_key="reds"))
    announce(message_delivered, Message, message=delivery.message, delivery=delivery, now=now)
    return FailedReceiver.objects.get()


def test_of_a_refusal_of_the_database_nothing_is_kept_that_the_row_says(now):
    message_delivered.connect(found_team_twice)
    try:
        delivery = DeliveryFactory(message=MessageFactory(sent=True, subject_key="quagga"))
        announce(message_delivered, Message, message=delivery.message, delivery=delivery, now=now)
    finally:
        message_delivered.disconnect(found_team_twice)

    error = FailedReceiver.objects.get().error
    assert error.startswith("IntegrityError: duplicate key value violates unique constraint")
    assert "quagga" not in error


def teams() -> list[str]:
    return list(Team.objects.values_list("slug", flat=True))


def test_a_receiver_that_fails_is_kept_with_what_was_announced_and_leaves_nothing_else(failed, now):
    message = Message.objects.get()

    assert (failed.name, failed.receiver, failed.sender) == (
        "comms.signals.message_delivered",
        f"{HERE}.found_team",
        "comms.Message",
    )
    assert failed.named == {
        "message": {"row": "comms.Message", "pk": message.pk},
        "delivery": {"row": "comms.Delivery", "pk": message.deliveries.get().pk},
        "now": {"moment": now.isoformat()},
    }
    assert (failed.error, failed.tries, failed.failed_at, failed.wake_at) == (
        "ValueError: the team cannot meet",
        1,
        now,
        now + timedelta(seconds=5),
    )
    assert teams() == []


def test_it_is_tried_again_when_its_moment_has_come_and_is_done_with_what_it_writes(failed, receiver, now):
    receiver(False)
    later = now + timedelta(seconds=5)

    assert [retry_failed_receivers(now=now), retry_failed_receivers(now=later), retry_failed_receivers(now=later)] == [
        0,
        1,
        0,
    ]

    failed.refresh_from_db()
    assert (failed.tries, failed.wake_at, failed.done_at, teams()) == (2, None, later, ["reds"])
    assert EngineTick.objects.get(sweep="comms.retry_failed_receivers").ticked_at == later


def test_another_failure_puts_it_off_longer_each_time_and_never_ends_it(failed, now):
    def moment():
        return FailedReceiver.objects.values_list("wake_at", flat=True).get()

    waits = []
    for _ in range(6):
        due_at = moment()
        assert retry_failed_receivers(now=due_at) == 0
        waits.append((moment() - due_at).total_seconds())

    assert (waits, teams()) == ([30, 120, 600, 3600, 3600, 3600], [])


def test_one_that_fails_again_stops_no_other(failed, receiver, now):
    FailedReceiverFactory(receiver="tests.gone", failed_at=now, wake_at=now)
    receiver(False)

    assert retry_failed_receivers(now=now + timedelta(minutes=1)) == 1
    assert FailedReceiver.objects.undone().get().error.startswith("ImportError: ")


def test_what_is_about_a_row_that_is_gone_says_so(failed, receiver, now):
    receiver(False)
    Message.objects.all().delete()

    retry_failed_receivers(now=now + timedelta(minutes=1))

    assert FailedReceiver.objects.get().error == "DoesNotExist: Message matching query does not exist."


def test_what_cannot_be_written_down_stops_nothing(receiver, now, caplog):
    message = MessageFactory(sent=True, subject_key="reds")

    announce(message_delivered, Message, message=message, delivery=object(), now=now)

    assert (FailedReceiver.objects.count(), teams()) == (0, [])
    assert "nobody will try it again" in caplog.text


def test_everything_that_is_announced_comes_back_as_it_was(now):
    user, team = UserFactory(), TeamFactory()
    named = [
        *(None, True, 3, 2.5, "text", now, team, [team, "x"]),
        *(MUSTER, Actor(user, Via.SMS), Actor(user, Via.API, TokenScope.READ)),
    ]

    assert [read(written(value)) for value in named] == named


def test_an_admin_lets_it_be_tried_at_once_or_drops_it(now):
    admin, responder = (Actor(UserFactory(access=access)) for access in (AccessLevel.ADMIN, AccessLevel.RESPONDER))
    failed = FailedReceiverFactory()

    for action in (try_again_now, drop_failed_receiver):
        with pytest.raises(NotAllowed):
            action(failed, by=responder, now=now)
    assert try_again_now(failed, by=admin, now=now).wake_at == now
    dropped = drop_failed_receiver(failed, by=admin, now=now)

    assert (dropped.wake_at, dropped.dropped_at, dropped.dropped_by) == (None, now, admin.user)
    for action in (try_again_now, drop_failed_receiver):
        with pytest.raises(WrongState):
            action(failed, by=admin, now=now)


def test_an_announcement_that_is_undone_leaves_nothing_to_be_done(receiver, now):
    delivery = DeliveryFactory(message=MessageFactory(sent=True))

    with transaction.atomic():
        announce(message_delivered, Message, message=delivery.message, delivery=delivery, now=now)
        transaction.set_rollback(True)

    assert FailedReceiver.objects.count() == 0
