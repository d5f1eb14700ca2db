"""A press answers its page, once; what fails on the way is kept and done when it comes again."""

from datetime import timedelta

import pytest

from accounts.enums import Via
from accounts.models import User
from comms.enums import Transport
from comms.intake.slack import Reaction
from comms.models import Message
from escalation.actions import incoming
from escalation.actions.press import take_press, take_reaction
from escalation.enums import IncomingOutcome
from escalation.intake.reply import BUTTONS, KEYS, PRESSES, REACTIONS
from escalation.models import IncomingAnswer, Page
from tests.escalation.story import MINUTE, by, start
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, DeliveryFactory, ReachableUserFactory
from tests.factories.escalation import make_policy

pytestmark = pytest.mark.django_db
LATER = NOW + MINUTE
ANA = "U024BE7LH"
REACTION = Reaction("slack:Ev1", ANA, "eyes", "D1:1503435956.000001")


@pytest.fixture
def ana() -> User:
    ana: User = UserFactory(handle="ana")
    ContactPointFactory(user=ana, transport=Transport.SLACK, address=ANA)
    return ana


@pytest.fixture
def page(ana: User) -> Page:
    """Rings ana in Slack, where its message has a place."""
    page = start(policy=make_policy(ana, ReachableUserFactory(handle="jens")))
    DeliveryFactory(message=Message.objects.get(user=ana), their_key=REACTION.place)
    return page


@pytest.mark.parametrize(
    ("key", "kind", "minutes"), [("1", "acknowledged", None), ("2", "declined", None), ("3", "acknowledged", 15)]
)
def test_a_key_answers_its_page_once_a_call(page, ana, key, kind, minutes):
    answers = [take_press(page, by=by(ana, Via.PHONE), now=LATER, press=key, key=f"call:CA1:{key}") for _ in range(2)]

    (answer,) = page.answers.all()
    arrives_at = LATER + timedelta(minutes=minutes) if minutes else None
    assert (answer.kind, answer.via, answer.arrives_at) == (kind, Via.PHONE, arrives_at)
    assert answers[0] == answers[1]
    assert (answers[0].via, answers[0].outcome) == (Via.PHONE, "answered")


def test_no_two_presses_have_the_same_name():
    assert len(PRESSES) == len(KEYS) + len(BUTTONS) + len(REACTIONS)


def test_a_place_in_another_service_is_no_place_in_slack(page):
    Message.objects.get().deliveries.update(transport=Transport.GATEWAY)

    assert take_reaction(REACTION, now=LATER) is None
    assert IncomingAnswer.objects.count() == 0


def test_a_reaction_that_fails_while_it_is_read_stays_and_answers_when_it_comes_again(page, ana, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(incoming, "_told_yes", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take_reaction(REACTION, now=LATER)
    assert (IncomingAnswer.objects.get().outcome, page.answers.count()) == (IncomingOutcome.WAITING, 0)

    take_reaction(REACTION, now=LATER)

    assert (IncomingAnswer.objects.get().outcome, page.answers.get().user) == (IncomingOutcome.ANSWERED, ana)
