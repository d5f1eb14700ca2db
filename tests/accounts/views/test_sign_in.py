"""Signing in by handle or address; too many tries are held off; nobody signs themselves up."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.models import User
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_tries_yet():
    cache.clear()
    yield
    cache.clear()


def sign_in(client, login, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": login, "password": password})


@pytest.mark.parametrize("login", ["ana", "Ana", "ana@example.org", "ANA@example.org"])
def test_a_person_signs_in_by_handle_or_address_in_any_case(client, login):
    ana = UserFactory(handle="ana")

    answer = sign_in(client, login)

    assert (answer.status_code, answer["Location"]) == (302, reverse("incidents:board"))
    assert client.session["_auth_user_id"] == str(ana.pk)


@pytest.mark.parametrize(("login", "password"), [("ana", "wrong"), ("jens", PASSWORD), ("ana", "")])
def test_a_wrong_word_signs_nobody_in(client, login, password):
    UserFactory(handle="ana")

    answer = sign_in(client, login, password)

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert "_auth_user_id" not in client.session


def test_whoever_is_switched_off_is_not_let_in(client):
    UserFactory(handle="ana", is_active=False)

    answer = sign_in(client, "ana")

    assert "_auth_user_id" not in client.session
    assert answer.get("Location", "") != reverse("incidents:board")


def test_after_five_wrong_words_even_the_right_one_waits(client):
    UserFactory(handle="ana")
    for _ in range(5):
        sign_in(client, "ana", "wrong")

    sign_in(client, "ana")

    assert "_auth_user_id" not in client.session


def test_nobody_signs_themselves_up(client):
    UserFactory(handle="ana")
    asked = {"username": "eve", "email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD}

    answers = [client.get(reverse("account_signup")), client.post(reverse("account_signup"), asked)]

    assert [answer.templates[0].name for answer in answers] == ["account/signup_closed.html"] * 2
    assert [user.handle for user in User.objects.all()] == ["ana"]


def reset(client, email):
    return client.post(reverse("account_reset_password"), {"email": email}, follow=True)


def test_a_forgotten_password_is_replaced_by_a_link_in_the_mail(client, mailoutbox):
    ana = UserFactory(handle="ana")
    reset(client, ana.email)
    (mail,) = mailoutbox
    (link,) = re.findall(r"http://testserver(/account/password/reset/key/\S+)", str(mail.body))
    form = client.get(link, follow=True).request["PATH_INFO"]

    client.post(form, {"password1": "seven grey geese", "password2": "seven grey geese"})

    ana.refresh_from_db()
    assert mail.to == [ana.email]
    assert ana.check_password("seven grey geese") is True


@pytest.mark.parametrize("email", ["ana@example.org", "nobody@example.org"])
def test_when_no_mail_can_leave_everybody_is_told_the_same(client, settings, caplog, email):
    UserFactory(handle="ana")
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", ""

    answer = reset(client, email)

    assert answer.status_code == 200
    assert "No mail can leave here just now. Ask an admin for a new password." in answer.content.decode()
    assert "could not be sent" in caplog.text
