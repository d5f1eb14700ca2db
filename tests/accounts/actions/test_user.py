"""People are made, changed and switched off by those who may."""

import pytest
from django.contrib.auth import authenticate

from accounts.actions.user import change_profile, create_user, set_user
from accounts.actor import MUSTER, Actor
from accounts.enums import AccessLevel, TokenScope
from accounts.models import User
from core.errors import InvalidInput, NotAllowed, WrongState
from tests.factories.accounts import ActorFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "seven grey geese"


def test_a_person_is_made_whole_and_can_sign_in(now):
    ana = create_user(
        by=ActorFactory(user__admin=True),
        now=now,
        handle=" Ana ",
        name="Ana Silva",
        email="ana@example.org",
        password=PASSWORD,
        access=AccessLevel.VIEWER,
        time_zone="Europe/Lisbon",
        phone="+351912345678",
    )

    ana.refresh_from_db()
    assert (ana.handle, ana.name, ana.email) == ("ana", "Ana Silva", "ana@example.org")
    assert (ana.access, ana.time_zone, ana.phone) == (AccessLevel.VIEWER, "Europe/Lisbon", "+351912345678")
    assert authenticate(None, username="ana", password=PASSWORD) == ana


def test_without_a_password_nobody_signs_in_yet(now):
    ana = create_user(by=MUSTER, now=now, handle="ana")

    assert ana.has_usable_password() is False
    assert ana.access == AccessLevel.RESPONDER


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"handle": "Ana"}, "handle", "The handle @ana is taken."),
        (
            {"handle": "7ana"},
            "handle",
            "A handle begins with a letter and has only a-z, 0-9, dot, dash and underscore.",
        ),
        ({"email": "ANA@example.org"}, "email", "The address ANA@example.org belongs to somebody else."),
        ({"email": "ana"}, "email", "Enter a valid email address."),
        (
            {"time_zone": "Berlin"},
            "time_zone",
            "“Berlin” is not an IANA time zone; write it like Europe/Berlin.",
        ),
        ({"phone": "0170 123"}, "phone", "Write the number with its country, like +491701234567."),
        ({"access": "king"}, "access", "Value 'king' is not a valid choice."),
        (
            {"password": "x7q"},
            "password",
            "This password is too short. It must contain at least 8 characters.",
        ),
    ],
)
def test_what_makes_no_sense_is_said_with_its_field_and_nobody_is_made(now, fields, field, sentence):
    UserFactory(handle="ana", email="ana@example.org")

    with pytest.raises(InvalidInput) as refusal:
        create_user(by=MUSTER, now=now, **{"handle": "jens", **fields})

    assert (str(refusal.value), refusal.value.field) == (sentence, field)
    assert User.objects.count() == 1


def test_two_people_may_have_no_address(now):
    create_user(by=MUSTER, now=now, handle="ana")
    create_user(by=MUSTER, now=now, handle="jens")

    assert User.objects.filter(email="").count() == 2


@pytest.mark.parametrize("scope", [None, TokenScope.READ, TokenScope.RESPOND])
def test_only_an_admin_makes_people_and_not_by_a_key_that_is_made_for_less(now, scope):
    actor = Actor(user=UserFactory(admin=scope is not None), scope=scope)

    with pytest.raises(NotAllowed, match="Only an admin may change people"):
        create_user(by=actor, now=now, handle="jens")

    assert not User.objects.filter(handle="jens").exists()


@pytest.mark.parametrize("change", [{"is_active": False}, {"access": AccessLevel.RESPONDER}])
def test_the_last_admin_stays_one(now, change):
    last, other = UserFactory(admin=True, handle="ana"), UserFactory(admin=True)
    other.is_active = False
    set_user(other, by=MUSTER, now=now)
    for name, value in change.items():
        setattr(last, name, value)

    with pytest.raises(WrongState, match="@ana is the last admin: make somebody else one first"):
        set_user(last, by=MUSTER, now=now)

    last.refresh_from_db()
    assert (last.is_active, last.access) == (True, AccessLevel.ADMIN)


def test_a_person_changes_their_own_profile_and_nothing_else(now):
    ana = UserFactory(time_zone="UTC")
    ana.access = AccessLevel.ADMIN  # not asked for, and not kept

    change_profile(
        ana,
        by=Actor(user=ana),
        now=now,
        name=" Ana ",
        time_zone="Asia/Tokyo",
        phone="+491701234567",
        single_keys=False,
    )

    ana.refresh_from_db()
    assert (ana.name, ana.time_zone, ana.phone, ana.single_keys) == ("Ana", "Asia/Tokyo", "+491701234567", False)
    assert ana.access == AccessLevel.RESPONDER


@pytest.mark.parametrize("scope", [None, TokenScope.RESPOND])
def test_nobody_changes_the_profile_of_another_and_no_key_for_responding_its_owners(now, scope):
    ana = UserFactory(name="Ana")
    actor = Actor(user=ana, scope=scope) if scope else ActorFactory()

    with pytest.raises(NotAllowed, match="or an admin may change this profile"):
        change_profile(ana, by=actor, now=now, name="X", time_zone="UTC", phone="", single_keys=True)

    ana.refresh_from_db()
    assert ana.name == "Ana"


@pytest.mark.parametrize(
    ("person", "may"),
    [({"admin": True}, True), ({"admin": True, "is_active": False}, False), ({}, False), ({"viewer": True}, False)],
)
def test_djangos_admin_is_open_to_active_admins_alone(person, may):
    user = UserFactory(**person)

    assert (user.has_perm("accounts.change_user"), user.has_module_perms("comms")) == (may, may)
