"""My own page: what I say of myself."""

import pytest
from django.urls import reverse

from accounts.models import User
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/account/profile/"


@pytest.fixture
def ana(client):
    ana = UserFactory(handle="ana", name="Ana", time_zone="Europe/Lisbon", phone="+351912345678")
    client.force_login(ana)
    return ana


def test_it_shows_what_i_said_before(client, ana):
    answer = client.get(PAGE)

    assert answer.status_code == 200
    assert reverse("accounts:user-edit") == PAGE
    form = answer.context["form"]
    assert form.initial == {
        "name": "Ana",
        "time_zone": "Europe/Lisbon",
        "phone": "+351912345678",
        "single_keys": True,
    }
    assert '<option value="Europe/Lisbon" selected>' in answer.content.decode()


def test_what_i_change_is_kept_and_i_am_told_so(client, ana):
    answer = client.post(PAGE, {"name": "Ana S", "time_zone": "Asia/Tokyo", "phone": ""}, follow=True)

    ana.refresh_from_db()
    assert (ana.name, ana.time_zone, ana.phone, ana.single_keys) == ("Ana S", "Asia/Tokyo", "", False)
    assert answer.redirect_chain == [(PAGE, 302)]
    assert [str(message) for message in answer.context["messages"]] == ["Saved."]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"phone": "0170 1"}, "phone", "Write the number with its country, like +491701234567."),
        ({"time_zone": "Berlin"}, "time_zone", "Select a valid choice. Berlin is not one of the available choices."),
        ({"time_zone": ""}, "time_zone", "This field is required."),
    ],
)
def test_nonsense_is_said_beside_its_field_keeps_what_i_typed_and_changes_nothing(client, ana, typed, field, sentence):
    answer = client.post(PAGE, {"name": "Typed", "time_zone": "UTC", "phone": "", **typed})

    assert answer.status_code == 422
    assert answer.context["form"].errors == {field: [sentence]}
    assert 'value="Typed"' in answer.content.decode()
    assert User.objects.get().name == "Ana"


def test_a_zone_in_an_old_spelling_stays_choosable(client, ana):
    User.objects.update(time_zone="CET")

    client.post(PAGE, {"name": "Ana", "time_zone": "CET", "phone": ""})

    assert User.objects.get().single_keys is False
    assert User.objects.get().time_zone == "CET"


def test_my_access_is_not_mine_to_change(client, ana):
    client.post(PAGE, {"name": "Ana", "time_zone": "UTC", "phone": "", "access": "admin", "handle": "root"})

    assert (User.objects.get().access, User.objects.get().handle) == ("responder", "ana")


def test_nobody_is_sent_to_the_sign_in(client):
    answer = client.get(PAGE)

    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('account_login')}?next={PAGE}")
