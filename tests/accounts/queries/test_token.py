"""A key is its owner's, or nobody's."""

from datetime import timedelta

import pytest

from accounts.actions.token import create_token
from accounts.actor import MUSTER, Actor
from accounts.enums import TokenScope, Via
from accounts.queries.token import actor_of_token
from tests.factories.accounts import ApiTokenFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_good_key_acts_as_its_owner_within_its_scope(now, django_assert_num_queries):
    ana = UserFactory(admin=True)
    _, key = create_token(ana, by=MUSTER, now=now, scope="respond")

    with django_assert_num_queries(1):
        actor = actor_of_token(key, now)

    assert actor == Actor(user=ana, via=Via.API, scope=TokenScope.RESPOND)
    assert (actor.may_respond, actor.may_configure) == (True, False)


def test_a_key_that_was_revoked_is_nobodys(now):
    token = ApiTokenFactory(secret="s", revoked_at=now)

    assert actor_of_token(f"mst_{token.prefix}_s", now) is None
    assert actor_of_token(f"mst_{token.prefix}_s", now - timedelta(seconds=1)) is not None


def test_the_key_of_somebody_who_is_switched_off_is_nobodys(now):
    token = ApiTokenFactory(secret="s", user__is_active=False)

    assert actor_of_token(f"mst_{token.prefix}_s", now) is None


GOOD = "mst_good_s"
BAD = ["", "mst", "mst_", "mst__", "mst_good", "mst_good_", "mst_good_t", "xxx_good_s", GOOD + "\0", GOOD + "\ud800"]


@pytest.mark.parametrize("key", BAD)
def test_anything_else_is_nobodys(now, key):
    ApiTokenFactory(prefix="good", secret="s")

    assert actor_of_token(GOOD, now) is not None
    assert actor_of_token(key, now) is None
