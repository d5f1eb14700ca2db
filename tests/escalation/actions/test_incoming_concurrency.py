"""One text that is delivered twice at the same moment, and codes that are tried at the same moment."""

import pytest

from comms.enums import Transport
from comms.intake.text import IncomingText
from escalation.actions.incoming import take_text
from escalation.actions.incoming_sweep import settle_waiting_answers
from escalation.enums import IncomingOutcome
from escalation.models import IncomingAnswer
from tests.crowd import at_once
from tests.escalation.story import MINUTE, rung, start
from tests.factories import NOW
from tests.factories.comms import ContactPointFactory, ReachableUserFactory
from tests.factories.escalation import IncomingAnswerFactory, make_policy

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "+491701234567"


def test_a_text_delivered_twice_at_once_and_swept_meanwhile_answers_once() -> None:
    ana, jens, mira = ReachableUserFactory(), ReachableUserFactory(), ReachableUserFactory()
    ContactPointFactory(user=ana, transport=Transport.SMS, address=NUMBER)
    page = start(policy=make_policy(ana, jens, mira))
    text, now = IncomingText("twilio:SM1", NUMBER, "no"), NOW + MINUTE

    first, second, _ = at_once(
        lambda: take_text(text, now=now),
        lambda: take_text(text, now=now),
        lambda: settle_waiting_answers(now=now + MINUTE),
    )

    assert (first.pk, first.reply) == (second.pk, second.reply)
    assert (IncomingAnswer.objects.count(), page.answers.count()) == (1, 1)
    assert [user for _, user in rung(page)] == [ana, jens]


def test_codes_that_are_tried_at_once_are_counted_one_after_the_other() -> None:
    ana = ReachableUserFactory()
    ContactPointFactory(user=ana, transport=Transport.SMS, address=NUMBER)
    for _ in range(9):
        IncomingAnswerFactory(sender=NUMBER, user=ana, page=None, outcome=IncomingOutcome.WRONG_CODE)

    tried = [IncomingText(f"twilio:SM{number}", NUMBER, "ack zzz") for number in range(3)]
    rows = at_once(*(lambda text=text: take_text(text, now=NOW + MINUTE) for text in tried))

    assert sorted(row.outcome for row in rows) == ["ignored", "ignored", "wrong_code"]
