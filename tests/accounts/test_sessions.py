"""Whoever has signed in is known at the next request, until the session ends or the person is switched off."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(client: Client) -> User:
    user = UserFactory()
    client.force_login(user)
    return user


def test_a_session_is_known_again(client, ana):
    assert client.get(reverse("incidents:board")).context["user"] == ana


def test_a_session_whose_time_is_over_is_nobody(client, ana):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert client.get(reverse("incidents:board")).status_code == 302


def test_a_session_that_was_ended_elsewhere_is_nobody(client, ana):
    Session.objects.all().delete()

    assert client.get(reverse("incidents:board")).status_code == 302


def test_whoever_is_switched_off_is_nobody_at_the_next_request(client, ana):
    User.objects.filter(pk=ana.pk).update(is_active=False)

    assert client.get(reverse("incidents:board")).status_code == 302
