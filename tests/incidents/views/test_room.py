"""The war room as its readers see it: minute 0 first, the same price at any size, closed to strangers."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from incidents.models import Incident
from tests.factories.accounts import UserFactory
from tests.factories.incidents import IncidentFactory, level_of, make_entries, make_ladder

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return UserFactory(handle="ana", time_zone="Europe/Berlin")


@pytest.fixture
def incident(ana) -> Incident:
    return IncidentFactory(level=level_of(make_ladder(ana), "SEV2"))


@pytest.fixture
def browser(client: Client, ana) -> Client:
    client.force_login(ana)
    return client


def test_the_room_shows_level_and_summary(browser, incident):
    page = browser.get(incident.get_absolute_url())
    assert page.status_code == 200
