"""Keys, refusals and documentation of the whole API."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine as clock
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import ApiToken
from config.api import api
from tests.api import ROOT, Machine
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import PageFactory
from tests.factories.incidents import IncidentFactory

pytestmark = pytest.mark.django_db

ASK = {"level": "SEV2", "summary": "x"}


def every_address():
    """(method, address) of every operation, with things that are there."""
    incident, page = IncidentFactory(), PageFactory()
    there = {
        "reference": incident.reference,
        "ref": page.ref,
        "slug": "primary",
        "role": "commander",
        "flag": "breach",
        "runbook": "database",
    }
    schema = api.get_openapi_schema()
    for path, operations in schema["paths"].items():
        for method in operations:
            yield method, path.format(**there, number=1, line=1)


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({}, "Send a key: Authorization: Bearer mst_…"),
        ({"Authorization": "Bearer mst_nobody_s"}, "This key is not known or was revoked."),
        ({"Authorization": "Basic YW5hOng="}, "This key is not known or was revoked."),
        ({"Authorization": "Bearer"}, "This key is not known or was revoked."),
    ],
)
def test_without_a_good_key_every_door_is_shut(headers, sentence):
    for method, address in every_address():
        answer = getattr(Client(), method)(address, headers=headers)

        assert (answer.status_code, answer.json()) == (401, {"detail": sentence, "field": ""})
        assert answer["WWW-Authenticate"] == "Bearer"


def test_every_address_of_the_api_is_in_the_document():
    (resolver,) = [each for each in get_resolver().url_patterns if getattr(each, "namespace", "") == "api"]
    patterns = [each for each in resolver.url_patterns if not (each.name or "").startswith(("openapi-", "api-root"))]
    parameter = re.compile(r"<(?:\w+:)?(\w+)>")
    routes = {parameter.sub(r"{\1}", f"{ROOT}/{each.pattern}") for each in patterns}

    assert set(api.get_openapi_schema()["paths"]) == routes


def test_a_session_is_no_key(client):
    client.force_login(UserFactory(admin=True))

    for method, address in every_address():
        assert getattr(client, method)(address).status_code == 401


def test_a_revoked_key_is_refused_and_a_good_one_notes_its_use():
    machine = Machine(UserFactory(), "read")
    with clock.travel(NOW, tick=False):
        good = machine.get("/incidents")
    ApiToken.objects.update(revoked_at=timezone.now() - timedelta(seconds=1))

    refused = machine.get("/incidents")

    assert good == (200, [])
    assert refused == (401, {"detail": "This key is not known or was revoked.", "field": ""})
    assert ApiToken.objects.get().last_used_at == NOW


@pytest.mark.parametrize(
    ("body", "detail", "field"),
    [
        ("{", "The body is not JSON.", ""),
        ("[]", "The body is one JSON object.", ""),
        ('"x"', "The body is one JSON object.", ""),
        ("null", "The body is one JSON object.", ""),
        ("", "Send a JSON body.", ""),
        (b"\xff", "The body is not JSON.", ""),
        ("[" * 100_000, "The body is not JSON.", ""),
        ({}, "Give “summary”.", "summary"),
        ({"level": "SEV2"}, "Give “summary”.", "summary"),
        ({**ASK, "summary": 7}, "“summary” is a text.", "summary"),
        ({**ASK, "summary": None}, "“summary” is a text.", "summary"),
        ('{"level": "SEV2", "summary": "\\ud800"}', "“summary” holds a character that cannot be kept.", "summary"),
        ({**ASK, "sumary": "x"}, "There is no field “sumary”.", "sumary"),
        (
            {**ASK, "submission_key": "1"},
            "“submission_key” is a UUID, like 0b7e3f6c-6f0c-4a55-9a39-2d9a4c1d8a11.",
            "submission_key",
        ),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_in_a_sentence_with_its_field(body, detail, field):
    status, answer = Machine(UserFactory()).post("/incidents", body)

    assert answer == {"detail": detail, "field": field}
    assert status == (400 if detail == "The body is not JSON." else 422)


def test_the_documentation_is_for_those_who_are_signed_in(client):
    addresses = [f"{ROOT}/docs", f"{ROOT}/openapi.json"]
    shut = [client.get(address).status_code for address in addresses]
    client.force_login(UserFactory(viewer=True))

    opened = [client.get(address) for address in addresses]

    assert shut == [302, 302]
    assert [answer.status_code for answer in opened] == [200, 200]
    assert "<script>" not in opened[0].content.decode()
    assert opened[1].json()["components"]["securitySchemes"] == {"TokenAuth": {"type": "http", "scheme": "bearer"}}


def test_every_operation_says_in_a_sentence_what_it_does():
    operations = [each for path in api.get_openapi_schema()["paths"].values() for each in path.values()]

    assert [each["operationId"] for each in operations if not each.get("description", "").endswith((".", ")."))] == []


def test_the_doors_say_why_they_need_no_session():
    (resolver,) = [each for each in get_resolver().url_patterns if getattr(each, "namespace", "") == "api"]
    patterns: list[Any] = resolver.url_patterns
    doors = {each.name: getattr(each.callback, "public_because", "") for each in patterns}

    assert {name for name, reason in doors.items() if not reason} == {"api-root", "openapi-json", "openapi-view"}
