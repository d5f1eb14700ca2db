"""What a fault left unread is read by the next tick, told to its person, and given up in words."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from comms.enums import MessageKind, Transport
from comms.models import EngineTick, Message
from escalation.actions.incoming import settle_answer
from escalation.actions.incoming_sweep import AFTER, FAILED, SWEEP, UNTIL, settle_waiting_answers
from escalation.enums import IncomingOutcome
from escalation.models import IncomingAnswer, Page
from tests.escalation.story import start
from tests.factories import NOW
from tests.factories.comms import ContactPointFactory, ReachableUserFactory
from tests.factories.escalation import IncomingAnswerFactory

pytestmark = pytest.mark.django_db
NUMBER = "+491701234567"


@pytest.fixture
def ana() -> User:
    user: User = ReachableUserFactory(handle="ana")
    ContactPointFactory(user=user, transport=Transport.SMS, address=NUMBER)
    return user


@pytest.fixture
def page(ana: User) -> Page:
    return start(people=[ana])


def waiting(**fields: object) -> IncomingAnswer:
    told = {"outcome": IncomingOutcome.WAITING, "user": None, "page": None, "meaning": "", "reply": ""}
    return IncomingAnswerFactory(**{**told, **fields})


def test_what_waits_is_read_and_its_person_told_by_a_message(page, ana):
    row = waiting()

    assert settle_waiting_answers(now=NOW + AFTER) == 1

    row.refresh_from_db()
    assert (row.outcome, row.page, row.user) == (IncomingOutcome.ANSWERED, page, ana)
    told = Message.objects.get(kind=MessageKind.NOTICE)
    assert (told.transport, told.address, told.body) == (Transport.SMS, NUMBER, row.reply)
    assert settle_waiting_answers(now=NOW + 2 * AFTER) == 0
    assert EngineTick.objects.filter(sweep=SWEEP).exists()


def test_what_its_door_may_still_be_reading_is_left_alone(page):
    waiting()

    assert settle_waiting_answers(now=NOW + AFTER - timedelta(seconds=1)) == 0
    assert page.answers.count() == 0


def test_a_row_that_fails_stops_no_other_and_comes_again(page, ana, monkeypatch, caplog):
    broken, fine = waiting(text="broken"), waiting(text="ack")

    def fails(row: IncomingAnswer, **how: Any) -> IncomingAnswer:
        if row.text == "broken":
            raise ZeroDivisionError
        return settle_answer(row, **how)

    monkeypatch.setattr("escalation.actions.incoming_sweep.settle_answer", fails)

    assert settle_waiting_answers(now=NOW + AFTER) == 1
    assert f"{broken.key} could not be read" in caplog.text
    outcomes = {row.pk: row.outcome for row in IncomingAnswer.objects.all()}
    assert outcomes == {broken.pk: IncomingOutcome.WAITING, fine.pk: IncomingOutcome.ANSWERED}


def test_after_ten_minutes_it_answers_nothing_any_more_and_says_so(page):
    row = waiting()

    assert settle_waiting_answers(now=NOW + UNTIL + timedelta(seconds=1)) == 0

    row.refresh_from_db()
    assert (row.outcome, row.reply) == (IncomingOutcome.REFUSED, FAILED)
    assert page.answers.count() == 0
