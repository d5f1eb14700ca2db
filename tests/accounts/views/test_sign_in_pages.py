"""The pages of signing in and out, in our frame: where they lead, and what they say."""

import re

import pytest
from django.core.cache import cache

from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_tries_yet():
    cache.clear()
    yield
    cache.clear()


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_whoever_signs_in_goes_where_they_wanted_to(client):
    UserFactory(handle="jens")

    form = client.get("/account/login/?next=/declare/?level=SEV2")
    kept = re.search(r'name="next" value="([^"]+)"', form.content.decode())[1]
    answer = client.post("/account/login/", {"login": "jens", "password": PASSWORD, "next": kept})

    assert (answer.status_code, answer["Location"]) == (302, "/declare/?level=SEV2")


def test_another_house_is_no_place_to_go_to(client):
    UserFactory(handle="jens")

    answer = client.post("/account/login/", {"login": "jens", "password": PASSWORD, "next": "https://evil.example/"})

    assert answer["Location"] == "/"


@pytest.mark.parametrize("login", ["jens", "nobody", "jens@example.org"])
def test_a_wrong_password_and_an_unknown_person_look_the_same(client, login):
    UserFactory(handle="jens")

    answer = client.post("/account/login/", {"login": login, "password": "wrong"})

    assert answer.status_code == 200
    assert 'role="alert"' in said(answer)
    assert "password you specified are not correct" in said(answer)
    assert f'value="{login}"' in said(answer)


def test_nothing_filled_in_is_said_at_the_fields(client):
    answer = client.post("/account/login/", {})

    assert said(answer).count("This field is required.") == 2


def test_signing_out_takes_a_press(client):
    client.force_login(UserFactory())

    assert "Sign out" in said(client.get("/account/logout/"))
    assert client.get("/").status_code == 200
    client.post("/account/logout/")
    assert client.get("/").status_code == 302
