"""Keys are shown once, kept as a digest, noted when used, and revoked for good."""

import hashlib
from datetime import timedelta

import pytest

from accounts.actions.token import create_token, note_token_use, revoke_token
from accounts.actor import MUSTER, Actor
from accounts.enums import TokenScope
from accounts.models import ApiToken
from core.errors import InvalidInput, NotAllowed
from tests.factories.accounts import ActorFactory, ApiTokenFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_the_key_is_returned_and_only_its_digest_is_kept(now):
    ana = UserFactory()

    token, key = create_token(ana, by=Actor(user=ana), now=now, scope="respond", name="deploys")

    kept = ApiToken.objects.get()
    start, prefix, secret = key.split("_", 2)
    assert token == kept
    assert (start, prefix, kept.digest) == ("mst", kept.prefix, hashlib.sha256(secret.encode()).hexdigest())
    assert (kept.user, kept.scope, kept.name, kept.created_at) == (ana, TokenScope.RESPOND, "deploys", now)
    assert len(secret) == 43
    assert secret not in "".join(str(value) for value in ApiToken.objects.values().get().values())


def test_a_key_to_configure_is_for_admins(now):
    ana = UserFactory(handle="ana")

    with pytest.raises(NotAllowed, match="@ana is no admin: a key of @ana cannot have the scope “configure”"):
        create_token(ana, by=MUSTER, now=now, scope="configure")

    create_token(UserFactory(admin=True), by=MUSTER, now=now, scope="configure")
    assert [token.scope for token in ApiToken.objects.all()] == ["configure"]


@pytest.mark.parametrize("is_own", [True, False])
def test_nobody_makes_a_key_for_another_nor_with_a_key_that_is_made_for_less(now, is_own):
    ana = UserFactory(handle="ana")
    actor = Actor(user=ana, scope=TokenScope.RESPOND) if is_own else ActorFactory()

    with pytest.raises(NotAllowed, match="Only @ana or an admin may make a key for @ana"):
        create_token(ana, by=actor, now=now, scope="read")

    assert ApiToken.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "person", "field", "sentence"),
    [
        ({"scope": "all"}, {}, "scope", "“all” is no scope; it is one of read, respond, configure."),
        ({"name": "x" * 81}, {}, "name", "The name of a key has at most 80 characters."),
        ({}, {"is_active": False}, "user", "The account of @ana is switched off."),
    ],
)
def test_what_makes_no_sense_is_said_with_its_field(now, fields, person, field, sentence):
    ana = UserFactory(handle="ana", **person)

    with pytest.raises(InvalidInput) as refusal:
        create_token(ana, by=MUSTER, now=now, **{"scope": "read", **fields})

    assert (str(refusal.value), refusal.value.field) == (sentence, field)
    assert ApiToken.objects.count() == 0


def test_the_first_revocation_counts(now):
    token = ApiTokenFactory()

    revoke_token(token, by=Actor(user=token.user), now=now)
    revoke_token(token, by=MUSTER, now=now + timedelta(hours=1))

    token.refresh_from_db()
    assert token.revoked_at == now


def test_nobody_revokes_the_key_of_another(now):
    token = ApiTokenFactory()

    with pytest.raises(NotAllowed, match="or an admin may revoke this key"):
        revoke_token(token, by=ActorFactory(), now=now)

    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_use_is_noted_at_most_once_a_minute_and_for_this_key_alone(now):
    used, other = ApiTokenFactory(), ApiTokenFactory()
    key, noted = f"mst_{used.prefix}_secret", []

    for seconds in (0, 59, 60):
        note_token_use(key, now=now + timedelta(seconds=seconds))
        used.refresh_from_db()
        noted.append((used.last_used_at - now).total_seconds())

    other.refresh_from_db()
    assert (noted, other.last_used_at) == ([0, 0, 60], None)
