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


FROM_THE_FORM = {"Origin": "http://testserver", "Referer": "http://testserver/declare/?level=SEV1"}


@pytest.mark.django_db
@pytest.mark.parametrize("signed_in", [True, False])
def test_a_form_that_comes_too_late_gives_the_words_back_and_the_way_to_its_page(signed_in):
    client = Client(enforce_csrf_checks=signed_in)
    if signed_in:
        client.force_login(UserFactory())
    typed = {"summary": "Slow <b>since</b> ten", "service": "", "submission_key": "secret", "password": "hunter2"}

    answer = client.post("/declare/", typed, headers=FROM_THE_FORM)

    page = answer.content.decode()
    assert answer.status_code == 403
    assert ("too old to send" if signed_in else "You were signed out") in page
    assert "readonly>Slow &lt;b&gt;since&lt;/b&gt; ten</textarea>" in page
    assert 'href="/declare/?level=SEV1"' in page if signed_in else "?next=%2Fdeclare%2F%3Flevel%3DSEV1" in page
    assert "data-not-done" in page  # drafts.js takes no such page for a yes
    assert "hunter2" not in page
    assert "secret" not in page


@pytest.mark.django_db
def test_what_another_site_sent_is_not_shown_as_if_somebody_had_typed_it(client):
    answer = client.post("/declare/", {"summary": "Call 555-0199"}, headers={"Origin": "https://elsewhere.example"})

    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/declare/")
    strict = Client(enforce_csrf_checks=True)
    assert "555-0199" not in strict.post("/declare/", {"summary": "Call 555-0199"}).content.decode()


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
