"""`manage.py engine status`, as a person or a monitor runs it."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from comms.models import EngineReport, EngineTick
from tests.factories.comms import FailedReceiverFactory, MessageFactory, OutsideMonitorFactory, make_engine

pytestmark = pytest.mark.django_db
MONITOR = "https://monitor.example.org"


@pytest.fixture(autouse=True)
def at_now(time_machine, now) -> None:
    time_machine.move_to(now, tick=False)


def status(*arguments: str) -> int:
    """The exit code of `manage.py engine status`."""
    try:
        call_command("engine", "status", *arguments)
    except SystemExit as end:
        return int(str(end.code))
    return 0


def test_it_says_that_the_engine_runs(now, capsys):
    make_engine(now - timedelta(seconds=4))
    MessageFactory(deliver_after=now - timedelta(seconds=3))

    assert status() == 0
    assert capsys.readouterr().out == (
        "Last tick: 2026-04-18 12:22 UTC, 0:04 ago.\nUnsent: 1, the oldest since 2026-04-18 12:22 UTC.\n"
        "Heartbeat: no outside monitor is set (MUSTER_HEARTBEAT_URL).\nThe engine runs.\n"
    )


def test_it_ends_with_one_and_names_what_is_silent_when_the_engine_is_stalled(now, capsys, settings):
    settings.HEARTBEAT_URL = f"{MONITOR}/ping/secret"
    make_engine(now - timedelta(minutes=2))
    EngineReport.objects.filter(part="worker").update(reported_at=now)
    OutsideMonitorFactory(host=MONITOR, taken_at=now - timedelta(minutes=2), held_since=now - timedelta(minutes=1))

    assert status() == 1
    assert capsys.readouterr().out == (
        "Last tick: 2026-04-18 12:21 UTC, 2:00 ago.\nUnsent: 0.\n"
        "Silent: beat, last heard of 2026-04-18 12:21 UTC, 2:00 ago.\n"
        "Heartbeat to https://monitor.example.org: last taken 2026-04-18 12:21 UTC, 2:00 ago. "
        "Held back since 2026-04-18 12:22 UTC, because the engine is stalled.\n"
        "The engine is stalled. The worker lives, but beat does not ring it: restart beat.\n"
    )


def test_it_says_that_nothing_ever_ran_and_since_when_the_monitor_takes_nothing(now, capsys, settings):
    settings.HEARTBEAT_URL = f"{MONITOR}/ping/secret"
    OutsideMonitorFactory(host=MONITOR, taken_at=None, failing_since=now, error="HTTP 404")

    assert status() == 1
    assert capsys.readouterr().out == (
        "Last tick: never.\nUnsent: 0.\nSilent: beat, last heard of never.\n"
        "Silent: the worker, last heard of never.\n"
        "Heartbeat to https://monitor.example.org: last taken never. Failing since 2026-04-18 12:23 UTC: HTTP 404\n"
        "The engine is stalled. Neither beat nor the worker reports: start both.\n"
    )


def test_it_says_what_should_have_followed_and_did_not(now, capsys):
    make_engine(now)
    FailedReceiverFactory(failed_at=now)

    assert status() == 0
    assert "\nNot followed yet: 1, the oldest since 2026-04-18 12:23 UTC; tried again.\n" in capsys.readouterr().out


def test_it_says_for_a_day_that_the_clock_was_set_back(now, capsys, time_machine):
    make_engine(now)
    EngineTick.objects.filter(sweep="comms.deliver_due").update(set_back_at=now, set_back_by=timedelta(hours=1))

    assert status() == 0
    assert (
        "\nAt 2026-04-18 12:23 UTC: The clock was set back by 1:00:00; what waited moved with it.\n"
    ) in capsys.readouterr().out

    time_machine.move_to(now + timedelta(days=1))
    status()
    assert "set back" not in capsys.readouterr().out


def test_machines_get_the_facts_of_readyz(client, capsys):
    make_engine()

    assert status("--json") == 0
    assert json.loads(capsys.readouterr().out) == client.get("/readyz").json()

    EngineReport.objects.all().delete()

    assert status("--json") == 1
    assert json.loads(capsys.readouterr().out)["silent"] == ["beat", "worker"]


def test_a_database_that_is_away_is_said_in_words(capsys):
    def away(execute, sql, params, many, context):
        raise OperationalError("the server closed the connection unexpectedly")

    with connection.execute_wrapper(away):
        assert [status(), status("--json")] == [1, 1]

    said, facts = capsys.readouterr().out.splitlines()
    assert said == "The database does not answer: nobody is rung. Start it; Muster goes on by itself."
    assert json.loads(facts) == {"database": False, "stalled": True}


def test_it_knows_no_other_question():
    with pytest.raises(CommandError, match="invalid choice: 'start'"):
        call_command("engine", "start")
