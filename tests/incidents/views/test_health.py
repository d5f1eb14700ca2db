"""What machines and open pages ask: does it live, would pages go out."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from time_machine import TimeMachineFixture

from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import FailedReceiverFactory, MessageFactory, OutsideMonitorFactory, make_engine
from tests.factories.escalation import PageAttemptFactory, PageFactory

MONITOR = "https://monitor.example.org"
QUIET = {
    "database": True,
    "stalled": False,
    "silent": [],
    "advice": "",
    "last_tick_at": "2026-04-18T12:23:00Z",
    "oldest_unsent_at": None,
    "unsent": 0,
    "undone": 0,
    "oldest_undone_at": None,
    "set_back_at": None,
    "set_back_seconds": None,
    "heartbeat": None,
}
NOBODY_REPORTS = {
    "stalled": True,
    "silent": ["beat", "worker"],
    "advice": "Neither beat nor the worker reports: start both.",
}


@pytest.fixture(autouse=True)
def at_now(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW, tick=False)


def test_healthz_answers_without_a_database_and_without_a_sign_in(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"ok\n", "text/plain")


@pytest.mark.django_db
def test_readyz_is_200_while_the_engine_ticks(client):
    make_engine(NOW)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, QUIET)


@pytest.mark.django_db
def test_readyz_is_503_once_the_engine_is_silent_for_more_than_30_seconds(client, time_machine):
    make_engine(NOW)
    time_machine.move_to(NOW + timedelta(seconds=31), tick=False)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {**QUIET, **NOBODY_REPORTS})


@pytest.mark.django_db
def test_readyz_is_503_while_a_message_is_due_and_unsent_for_more_than_30_seconds(client):
    make_engine(NOW)
    MessageFactory(created_at=NOW - timedelta(seconds=31))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        **QUIET,
        "stalled": True,
        "advice": "Every part lives, but messages do not leave: look at the outbox.",
        "oldest_unsent_at": "2026-04-18T12:22:29Z",
        "unsent": 1,
    }


@pytest.mark.django_db
def test_readyz_is_503_and_says_so_when_the_database_does_not_answer(client):
    def away(execute, sql, params, many, context):
        raise OperationalError("the server closed the connection unexpectedly")

    with connection.execute_wrapper(away):
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"database": False, "stalled": True}


@pytest.mark.django_db
def test_readyz_says_how_the_heartbeats_go_and_nothing_of_their_address(client, settings):
    settings.HEARTBEAT_URL = f"{MONITOR}/ping/secret"
    make_engine(NOW)
    OutsideMonitorFactory(host=MONITOR, taken_at=NOW)

    answer = client.get("/readyz")

    assert answer.json() == {
        **QUIET,
        "heartbeat": {"taken_at": "2026-04-18T12:23:00Z", "failing_since": None, "held_since": None},
    }


@pytest.mark.django_db
def test_a_stalled_engine_is_a_red_bar_on_every_page_also_on_the_sign_in(client):
    make_engine(NOW - timedelta(minutes=5))
    pages = [client.get("/account/login/")]
    client.force_login(UserFactory())
    pages += [client.get(address) for address in ("/", "/incidents/", "/declare/", "/nowhere/")]

    for words in ("Paging engine stalled", "Beat is silent since", "Neither beat nor the worker reports: start both."):
        assert [words in " ".join(page.content.decode().split()) for page in pages] == [True] * 5


@pytest.mark.django_db
def test_a_healthy_engine_is_one_quiet_line(client):
    make_engine(NOW)
    client.force_login(UserFactory())

    content = client.get("/").content.decode()

    assert ("stalled" in content.lower(), "Engine ticked" in content) == (False, True)


@pytest.mark.django_db
def test_an_open_page_hears_that_the_engine_stalled_and_that_i_am_rung_elsewhere(client):
    user = UserFactory()
    for group, link in (("platform", "/incidents/INC-1/"), ("founders", "/incidents/INC-2/")):
        PageAttemptFactory(user=user, page=PageFactory(group=group, link=link))
    client.force_login(user)

    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/incidents/INC-1/?panel=update#room"}
    content = client.get("/engine/", headers=headers).content.decode()

    assert [part in content for part in ("<html", "Paging engine stalled", "founders", "platform")] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.django_db
def test_a_page_whose_address_is_none_is_answered_all_the_same(client):
    client.force_login(UserFactory())

    answer = client.get("/engine/", headers={"HX-Request": "true", "HX-Current-URL": "http://["})

    assert answer.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ({"taken_at": NOW}, "Heartbeat to https://monitor.example.org taken"),
        ({"taken_at": None}, "Heartbeat to https://monitor.example.org: none yet"),
        ({"failing_since": NOW, "error": "HTTP 500"}, "Heartbeat to https://monitor.example.org fails since"),
        ({"held_since": NOW}, "Heartbeat to https://monitor.example.org held back since"),
    ],
)
def test_the_board_and_the_page_of_the_engine_say_how_the_heartbeats_go(client, settings, kept, words):
    settings.HEARTBEAT_URL = f"{MONITOR}/ping/secret"
    make_engine(NOW)
    OutsideMonitorFactory(host=MONITOR, **kept)
    client.force_login(UserFactory())

    shown = [client.get(address).content.decode() for address in ("/", "/engine/")]

    assert [(words in content, "secret" in content) for content in shown] == [(True, False)] * 2


@pytest.mark.django_db
@pytest.mark.parametrize(("access", "leads_on"), [("admin", True), ("responder", False)])
def test_what_should_have_followed_and_did_not_is_red_until_it_has(client, access, leads_on):
    make_engine(NOW)
    FailedReceiverFactory(failed_at=NOW)
    FailedReceiverFactory(wake_at=None, done_at=NOW)
    client.force_login(UserFactory(access=access))

    shown = [" ".join(client.get(address).content.decode().split()) for address in ("/", "/engine/")]

    for content in shown:
        assert "1 thing that should have followed did not, the oldest at" in content
        assert ("/admin/comms/failedreceiver/" in content) == leads_on
    assert client.get("/readyz").json() == {**QUIET, "undone": 1, "oldest_undone_at": "2026-04-18T12:23:00Z"}
