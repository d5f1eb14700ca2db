"""The heartbeat: sent while the engine runs, held back while it is stalled, and no page when nobody takes it."""

from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from comms.actions.monitor import send_heartbeat
from comms.models import EngineReport, EngineTick, Message, OutsideMonitor
from tests.factories.comms import MessageFactory, make_engine

pytestmark = pytest.mark.django_db
PATH = "/ping/0b7e3f6c-secret"
LATER = timedelta(seconds=30)


@pytest.fixture
def monitor(httpserver: HTTPServer, settings) -> HTTPServer:
    """A monitor that takes every heartbeat."""
    settings.HEARTBEAT_URL = httpserver.url_for(PATH)
    httpserver.expect_request(PATH, method="GET").respond_with_data("OK")
    return httpserver


def row() -> tuple[object, ...]:
    [kept] = OutsideMonitor.objects.values_list("taken_at", "failing_since", "error", "held_since")
    return kept


def test_an_engine_that_runs_is_heard(monitor, now):
    make_engine(now)

    assert send_heartbeat(now=now) is True

    assert (len(monitor.log), row()) == (1, (now, None, "", None))
    assert EngineTick.objects.get(sweep="comms.send_heartbeat").ticked_at == now


def test_what_is_kept_and_shown_of_its_address_is_the_host_alone(monitor, now):
    make_engine(now)
    send_heartbeat(now=now)

    assert str(OutsideMonitor.objects.get()) == "http://localhost"


def test_heartbeats_stop_while_the_engine_is_stalled_and_come_again_when_it_runs(monitor, now):
    make_engine(now)
    stopped, resumed = now + timedelta(minutes=5), now + timedelta(minutes=10)
    sent = [send_heartbeat(now=now), send_heartbeat(now=stopped), send_heartbeat(now=stopped + LATER)]
    held = row()
    EngineReport.objects.update(reported_at=resumed)
    EngineTick.objects.update(ticked_at=resumed)
    sent.append(send_heartbeat(now=resumed))

    assert sent == [True, False, False, True]
    assert (held, row(), len(monitor.log)) == ((now, None, "", stopped), (resumed, None, "", None), 2)


def test_no_heartbeat_while_a_message_is_due_and_unsent_for_more_than_thirty_seconds(monitor, now):
    make_engine(now)
    MessageFactory(deliver_after=now - timedelta(seconds=31))

    assert (send_heartbeat(now=now), monitor.log) == (False, [])


@pytest.mark.parametrize("status", [302, 404, 429, 500])
def test_a_heartbeat_that_is_not_taken_is_kept_since_the_first_and_pages_nobody(httpserver, settings, now, status):
    settings.HEARTBEAT_URL = httpserver.url_for(PATH)
    httpserver.expect_request(PATH).respond_with_data("", status=status, headers={"Location": "/elsewhere"})
    make_engine(now)

    sent = [send_heartbeat(now=now), send_heartbeat(now=now + LATER)]

    assert (sent, row()) == ([False, False], (None, now, f"HTTP {status}", None))
    assert (len(httpserver.log), Message.objects.count()) == (2, 0)


def test_a_monitor_that_nobody_answers_for_is_kept_without_its_address(settings, now):
    settings.HEARTBEAT_URL = f"http://127.0.0.1:9{PATH}"
    make_engine(now)

    assert (send_heartbeat(now=now), row()) == (False, (None, now, "It cannot be reached (ConnectError).", None))


def test_a_monitor_that_takes_it_again_is_no_longer_failing(monitor, now):
    make_engine(now)
    OutsideMonitor.objects.create(host="http://localhost", failing_since=now - LATER, error="HTTP 500")

    assert (send_heartbeat(now=now), row()) == (True, (now, None, "", None))


def test_without_a_monitor_nothing_is_sent_and_nothing_kept(now):
    make_engine(now)

    assert (send_heartbeat(now=now), OutsideMonitor.objects.count()) == (False, 0)
