"""When something is wrong, a page in our frame says what to do."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.factories.accounts import UserFactory


@pytest.mark.django_db
def test_what_is_not_there_and_what_is_private_look_the_same_to_whoever_is_not_let_in(client):
    client.force_login(UserFactory())

    answer = client.get("/incidents/INC-20260418-0042/")

    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/incidents/{}/", "/incidents/{}/status.md", "/incidents/{}/stream", "/pages/{}/"]
)
def test_an_address_that_no_row_can_have_is_not_found(client, address):
    client.force_login(UserFactory())

    for nothing in ("%00", "INC-1%00", "%ED%A0%80", "9" * 5000):
        assert client.get(address.format(nothing)).status_code == 404


def test_a_failure_of_muster_is_said_without_a_database_and_without_a_request():
    page = render_to_string("500.html")

    assert "Muster itself has failed" in page
    assert "data-not-done" in page  # drafts.js takes no such page for a yes


@pytest.mark.django_db
def test_a_page_too_old_to_send_says_so_and_that_nothing_is_lost():
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory())

    answer = client.post("/declare/", {"summary": "Slow"})

    assert answer.status_code == 403
    assert "This page was too old to send" in answer.content.decode()
    assert "what you typed is kept in this browser" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/declare/", "/incidents/", "/account/login/", "/nowhere/"])
def test_the_policy_of_every_page_allows_no_inline_script_and_no_foreign_house(client, address):
    client.force_login(UserFactory())

    answer = client.get(address)
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))

    assert policy["default-src"] == policy["style-src"] == policy["form-action"] == policy["connect-src"] == "'self'"
    assert policy["script-src"].split()[0] == "'self'"
    assert "unsafe" not in policy["script-src"]
    assert "<style" not in answer.content.decode()
    assert "onclick" not in answer.content.decode()
