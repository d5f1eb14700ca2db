"""What the planner says is what the outbox then holds: made-up people, their addresses and rules, both chains."""

import random

import pytest

from comms.actions.message import queue_message
from comms.enums import MessageKind, MessageStatus, Transport, Urgency
from comms.plan import tries
from comms.queries.reach import points_of, unreachable
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory

pytestmark = pytest.mark.django_db


def make_somebody(chance):
    """A person with up to four addresses, some off, some not verified, and up to five rules."""
    user = UserFactory()
    for number in range(chance.randint(0, 4)):
        point = ContactPointFactory(
            user=user,
            transport=chance.choice([Transport.EMAIL, Transport.VOICE, Transport.SMS, Transport.SLACK]),
            address=f"+49170123456{number}",
            is_enabled=chance.random() < 0.8,
            verified_at=NOW if chance.random() < 0.6 else None,
        )
        for after in chance.sample([0, 60, 120, 1800], chance.randint(0, 2)):
            ContactRuleFactory(contact_point=point, chain=chance.choice(Urgency.values), after_seconds=after)
    return user


@pytest.mark.parametrize("seed", range(20))
def test_the_outbox_holds_what_the_planner_says(now, seed):
    user = make_somebody(random.Random(seed))
    for urgency in Urgency:
        planned = tries(points_of([user])[user.pk], urgency)

        rows = queue_message(
            now=now, kind=MessageKind.PAGE, subject="x", dedup_key=f"p:{urgency}", to=user, urgency=urgency
        )

        written = {
            (row.contact_point_id, row.deliver_after - now, row.not_sent_reason) for row in rows if row.transport
        }
        assert written == {(one.point.pk, one.after, one.reason) for one in planned}
        reached = any(row.status == MessageStatus.WAITING for row in rows)
        assert reached == any(not one.reason for one in planned)
        assert rows != []
        if urgency == Urgency.URGENT:
            assert unreachable([user]) == ([] if reached else [user])
