"""The admin's doors to people, teams and keys lead to the actions."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from accounts.actor import Actor
from accounts.enums import AccessLevel, TokenScope, Via
from accounts.models import ApiToken, Team, User
from accounts.queries.token import actor_of_token
from tests.factories.accounts import ApiTokenFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    admin = UserFactory(admin=True, handle="root")
    client.force_login(admin)
    return admin


def person(**changes):
    fields = {"handle": "ana", "name": "Ana", "email": "", "phone": "", "time_zone": "UTC", "access": "responder"}
    return {**fields, **changes}


@pytest.mark.parametrize("name", ["user", "team", "apitoken"])
def test_an_admin_opens_every_list_and_form(client, admin, name):
    ApiTokenFactory()
    TeamFactory(members=[admin])

    pages = [client.get(reverse(f"admin:accounts_{name}_{page}")) for page in ("changelist", "add")]

    assert [page.status_code for page in pages] == [200, 200]


def test_a_responder_is_not_let_in(client):
    client.force_login(UserFactory())

    answer = client.get(reverse("admin:accounts_user_changelist"))

    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, reverse("admin:login"))


def test_a_person_is_made_with_a_password(client, admin):
    word = "seven grey geese"
    asked = person(handle="ana", usable_password="true", password1=word, password2=word)

    client.post(reverse("admin:accounts_user_add"), asked)

    ana = User.objects.get(handle="ana")
    assert (ana.name, ana.access, ana.check_password(word)) == ("Ana", AccessLevel.RESPONDER, True)


def test_nonsense_about_a_person_is_said_and_keeps_them_as_they_were(client, admin):
    ana = UserFactory(handle="ana", name="Before")

    answer = client.post(
        reverse("admin:accounts_user_change", args=[ana.pk]), person(time_zone="Berlin", is_active="on")
    )

    assert answer.context["adminform"].errors == {
        "time_zone": ["“Berlin” is not an IANA time zone; write it like Europe/Berlin."]
    }
    ana.refresh_from_db()
    assert ana.name == "Before"


def test_the_last_admin_cannot_be_switched_off(client, admin):
    answer = client.post(reverse("admin:accounts_user_change", args=[admin.pk]), person(handle="root", access="admin"))

    assert answer.context["adminform"].errors == {
        "__all__": ["@root is the last admin: make somebody else one first."]
    }
    admin.refresh_from_db()
    assert admin.is_active is True


def test_a_person_is_changed_and_never_deleted(client, admin):
    ana = UserFactory(handle="ana")

    client.post(reverse("admin:accounts_user_change", args=[ana.pk]), person(access="viewer"))

    ana.refresh_from_db()
    assert (ana.access, ana.is_active) == (AccessLevel.VIEWER, False)
    assert client.post(reverse("admin:accounts_user_delete", args=[ana.pk]), {"post": "yes"}).status_code == 403


def test_a_team_is_kept_with_its_members(client, admin):
    ana = UserFactory()

    client.post(reverse("admin:accounts_team_add"), {"name": "Platform", "slug": "platform", "members": [ana.pk]})

    assert list(Team.objects.get(slug="platform").members.all()) == [ana]


def test_a_key_is_shown_once_and_works(client, admin):
    ana = UserFactory()

    answer = client.post(reverse("admin:accounts_apitoken_add"), {"user": ana.pk, "name": "ci", "scope": "read"})

    (shown,) = [str(message) for message in get_messages(answer.wsgi_request) if "The key" in str(message)]
    assert actor_of_token(shown.rpartition(" ")[2], timezone.now()) == Actor(ana, Via.API, TokenScope.READ)
    assert ApiToken.objects.count() == 1


def test_a_key_that_its_owner_does_not_reach_is_refused(client, admin):
    ana = UserFactory(handle="ana")

    answer = client.post(reverse("admin:accounts_apitoken_add"), {"user": ana.pk, "name": "", "scope": "configure"})

    assert answer.context["adminform"].errors == {"scope": ["@ana is no admin: a key of @ana cannot have this scope."]}
    assert ApiToken.objects.count() == 0


def test_chosen_keys_are_revoked_and_others_are_not(client, admin):
    chosen, other = ApiTokenFactory(), ApiTokenFactory()

    client.post(reverse("admin:accounts_apitoken_changelist"), {"action": "revoke", "_selected_action": [chosen.pk]})

    assert {token.pk: token.revoked_at is None for token in ApiToken.objects.all()} == {
        chosen.pk: False,
        other.pk: True,
    }
