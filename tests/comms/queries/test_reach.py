"""Who cannot be reached."""

import pytest

from comms.queries.reach import unreachable
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, ReachableUserFactory

pytestmark = pytest.mark.django_db


def test_whom_nothing_reaches_is_told_in_order_and_in_one_query(django_assert_num_queries):
    nowhere, off, gone = UserFactory(), UserFactory(), ReachableUserFactory(is_active=False)
    ContactPointFactory(user=off, is_enabled=False)
    unverified = ContactPointFactory(verified_at=None).user
    ruled = ContactRuleFactory().contact_point.user

    with django_assert_num_queries(1):
        assert unreachable([off, unverified, nowhere, ruled, gone]) == [off, nowhere, gone]
