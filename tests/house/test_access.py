"""Every address answers everybody correctly: strangers, viewers, responders, admins, outsiders of a private thing."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.factories import NOW
from tests.house.addresses import Door, doors
from tests.house.world import SECRET, SOUGHT, Story, World, key_of, make_world

# Answered from another connection, which does not see this test's rows: tests/incidents holds the stream to account.
NOT_HERE = {"incidents:incident-stream"}
# What nobody's rights decide: it shows nothing of any incident.
FOR_ALL = {"incidents:healthz", "incidents:readyz"}
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE)\s+(?:INTO\s+|FROM\s+)?\"?(\w+)", re.IGNORECASE)
# What a mere look may write: the session, when a token or a calendar feed was last used, and sign-in's own counters.
BOOKKEEPING = {"django_session", "accounts_apitoken", "accounts_user", "escalation_calendarfeed"}
# What everybody says of themselves.
THEIR_OWN = {"comms_awakespan", "incidents_lastlook", "incidents_sentaway"}
# Whoever talks to customers counts those who report it, without acting in the incident.
FOR_EVERYBODY = {"incidents:report-add", "incidents:report-note"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(caplog: pytest.LogCaptureFixture) -> Iterator[World]:
    """The world five minutes after its page fired; what Django says about each answer is asserted, not logged."""
    caplog.set_level(logging.CRITICAL, logger="django.request")
    with time_machine.travel(NOW + timedelta(minutes=5), tick=True):
        yield make_world()


@contextmanager
def undone() -> Iterator[list[str]]:
    """Undo whatever is written inside; the list names the tables that were."""
    tables: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        tables.extend(found[2] for found in [WRITES.match(sql)] if found and found[2] not in BOOKKEEPING)
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(watch):
            yield tables
        transaction.set_rollback(True)


def ask(client: Client, method: str, path: str, htmx: bool = False) -> tuple[HttpResponse, list[str]]:
    """The answer to a request, and the tables that it wrote to; nothing of it stays."""
    headers = {"HX-Request": "true"} if htmx else {}
    body = {"data": {}, "content_type": "application/json"} if path.startswith("/api/") and method == "post" else {}
    with undone() as tables:
        answer: Any = getattr(client, method)(path, headers=headers, **body)
    return answer, tables


def signed_in(user: Any) -> Client:
    """A browser of this person, which also sends their key: pages look at the one, the API at the other."""
    if user is None:
        return Client(raise_request_exception=False)
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {key_of(user)}"})
    client.force_login(user)
    return client


def walk(story: Story, *methods: str, seek: bool = True) -> Iterator[tuple[Door, str, str]]:
    """Every door in `story` with each method, and when we seek, lists also with words to look for."""
    for door in doors():
        if door.name in NOT_HERE:
            continue
        for method in methods:
            yield door, method, door.path(story)
        if seek and not door.parameters and "get" in methods:
            yield door, "get", f"{door.path(story)}?q={SOUGHT}&query={SOUGHT}&search={SOUGHT}"


def ways(path: str) -> tuple[bool, ...]:
    """Asked as a page and by HTMX; a machine knows no HTMX."""
    return (False,) if path.startswith("/api/") else (False, True)


def body(answer: Any) -> str:
    return (
        b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode(errors="replace").lower()
    )


def test_a_stranger_is_sent_to_the_sign_in_and_learns_nothing(world):
    wrong: list[Any] = []
    client = signed_in(None)
    for story in (world.open, world.private):
        for door, method, path in walk(story, "get", "post"):
            answer, tables = ask(client, method, path)
            is_public = getattr(door.view, "login_required", True) is False
            turned_away = answer.status_code in {401, 403} or (
                answer.status_code == 302 and answer["Location"].startswith("/account/")
            )
            allowed = turned_away or (is_public and answer.status_code < 500 and door.name not in FOR_ALL)
            if door.name in FOR_ALL and answer.status_code in {200, 405, 503}:
                allowed = True
            # A signed link is the key to its own page and to nothing else.
            leaks = story is world.private and SECRET in body(answer) and "token" not in door.parameters
            if not allowed or leaks or (tables and "token" not in door.parameters):
                wrong.append((door.name, method, answer.status_code, "leaks" if leaks else "", tables))
    assert wrong == []


@pytest.mark.parametrize("level", ["viewer", "responder", "admin"])
def test_everybody_who_is_signed_in_gets_an_answer_to_every_address(world, level):
    wrong: list[Any] = []
    client = signed_in(getattr(world, level))
    for door, method, path in walk(world.open, "get", "post", seek=False):
        for htmx in ways(path) if method == "get" else (False,):
            answer, tables = ask(client, method, path, htmx)
            missing = answer.status_code == 401 or (answer.status_code == 404 and method == "get")
            if (answer.status_code >= 500 and door.name not in FOR_ALL) or missing:
                wrong.append((door.name, method, answer.status_code, htmx, getattr(answer, "exc_info", None) or ""))
            if method == "get" and tables:
                wrong.append((door.name, "a GET writes to", sorted(set(tables))))
    assert wrong == []


def test_a_viewer_who_is_not_rung_changes_nothing_of_an_incident(world):
    wrong: list[Any] = []
    client = signed_in(world.viewer)
    for door, method, path in walk(world.open, "post"):
        if "token" in door.parameters:
            continue  # the link of somebody else, who may answer
        if door.name in FOR_EVERYBODY:
            continue
        answer, tables = ask(client, method, path)
        if changed := {table for table in tables if not table.startswith("django_")} - THEIR_OWN:
            wrong.append((door.name, answer.status_code, sorted(changed)))
    assert wrong == []


@pytest.mark.parametrize("level", ["viewer", "responder", "admin"])
def test_an_outsider_of_a_private_incident_finds_nothing_of_it_anywhere(world, level):
    wrong: list[Any] = []
    client = signed_in(getattr(world, level))
    for door, method, path in walk(world.private, "get", "post"):
        if "token" in door.parameters:
            continue  # the link is the key; whom it lets in is decided by who was rung
        for htmx in ways(path):
            answer, tables = ask(client, method, path, htmx)
            about_it = bool({"reference", "ref"} & set(door.parameters))
            # A body that makes no sense is refused before anything is looked up; a viewer before that.
            expected = {404, 405} | ({403, 422} if method == "post" else set())
            said = body(answer)
            if about_it and answer.status_code not in expected:
                wrong.append((door.name, method, answer.status_code, "should be 404"))
            if SECRET in said or (not about_it and world.private.incident.reference.lower() in said):
                wrong.append((door.name, method, answer.status_code, "leaks"))
            if about_it and tables:
                wrong.append((door.name, method, "writes to", sorted(set(tables))))
    assert wrong == []


@pytest.mark.parametrize("level", ["viewer", "responder", "admin"])
def test_what_was_open_to_all_and_then_made_private_is_found_nowhere_by_an_outsider(world, level):
    """Neither at its own addresses nor in the lists nor in what was linked with it or merged into it."""
    wrong: list[Any] = []
    client = signed_in(getattr(world, level))
    for story in (world.hidden, world.open, world.duplicate):
        for door, method, path in walk(story, "get", seek=story is world.hidden):
            if "token" in door.parameters or (story is not world.hidden and "reference" not in door.parameters):
                continue  # the link is the key; and the lists are walked once
            answer, _ = ask(client, method, path)
            about_it = story is world.hidden and {"reference", "ref"} & set(door.parameters)
            if about_it and answer.status_code not in {404, 405}:
                wrong.append((door.name, answer.status_code, "should be 404"))
            said = body(answer)
            in_lists = story is world.hidden and not about_it
            if SECRET in said or (in_lists and world.hidden.incident.reference.lower() in said):
                wrong.append((story.incident.reference, door.name, answer.status_code, "leaks"))
    assert wrong == []


@pytest.mark.parametrize("name", ["private", "hidden"])
def test_an_insider_finds_the_private_incident_where_an_outsider_does_not(world, name):
    """The tests above would also pass if nobody found anything: this one says that there was something to find."""
    client = signed_in(world.insider)
    story = getattr(world, name)
    words = story.incident.summary.lower()
    found = {
        door.name
        for door, method, path in walk(story, "get")
        if "token" not in door.parameters and words in body(ask(client, method, path)[0])
    }

    assert found >= {
        "incidents:board",
        "incidents:incident-list",
        "incidents:incident-detail",
        "incidents:status-document",
        "postmortems:postmortem-list",
        "postmortems:postmortem-detail",
        "postmortems:postmortem-markdown",
        "api:incident-list",
        "api:incident-detail",
    }


def admin_addresses() -> Iterator[tuple[str, str]]:
    """(name, path) of every list, form and row in Django's admin: of our models and of its own."""
    for model, model_admin in admin.site._registry.items():
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield f"{base}_changelist", reverse(f"{base}_changelist")
        yield f"{base}_changelist", reverse(f"{base}_changelist") + f"?q={SOUGHT}"
        names = {getattr(pattern, "name", None) for pattern in model_admin.get_urls()}
        if f"{base}_add".partition(":")[2] in names:
            yield f"{base}_add", reverse(f"{base}_add")
        for row in model._default_manager.all():
            for act in ("change", "history", "delete"):
                yield f"{base}_{act}", reverse(f"{base}_{act}", args=[row.pk])


def test_the_admin_answers_an_admin_tells_nobody_of_what_is_private_and_lets_nobody_else_in(world):
    wrong: list[Any] = []
    chief, other = signed_in(world.admin), signed_in(world.responder)
    for name, path in admin_addresses():
        answer, tables = ask(chief, "get", path)
        refused, _ = ask(other, "get", path)
        said = body(answer)
        if (
            answer.status_code not in {200, 302, 403}
            or SECRET in said
            or tables
            or refused.status_code not in {302, 403}
        ):
            wrong.append((name, answer.status_code, "leaks" if SECRET in said else "", tables, refused.status_code))
    assert wrong == []


# --- the walk sees what it looks for ---------------------------------------------------------------------------------
def test_the_walk_knows_every_parameter_of_every_address(world):
    for door in doors():
        assert "<" not in door.path(world.open)


def test_what_a_request_writes_is_seen_and_undone(world):
    with undone() as tables:
        world.open.incident.save(update_fields=["summary"])
        world.open.incident.summary = "changed"
        type(world.open.incident).objects.filter(pk=world.open.incident.pk).update(summary="changed")

    assert tables == ["incidents_incident", "incidents_incident"]
    world.open.incident.refresh_from_db()
    assert world.open.incident.summary == "Pipeline blocks spiking"
