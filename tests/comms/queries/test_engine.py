"""The engine's face, in one query: what is silent, what waits, what the outside monitor hears."""

from datetime import timedelta

import pytest
from django.test import RequestFactory

from comms.context import engine
from comms.enums import EnginePart
from comms.models import EngineReport, EngineTick
from comms.queries.engine import EngineState, MonitorState, Silence, engine_state
from tests.factories.comms import (
    EngineTickFactory,
    MessageFactory,
    OutsideMonitorFactory,
    make_engine,
)

pytestmark = pytest.mark.django_db
MONITOR = "https://monitor.example.org"


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def age(count: float, now, part: EnginePart | None = None, sweep: str = "") -> None:
    """Let one part have shown its last sign of life so many seconds before `now`."""
    EngineReport.objects.filter(part=part).update(reported_at=now - seconds(count))
    EngineTick.objects.filter(sweep=sweep).update(ticked_at=now - seconds(count))


def test_an_engine_that_never_ran_is_stalled(now):
    silent = (Silence("beat", None), Silence("worker", None))

    assert engine_state(now) == EngineState(None, None, 0, is_stalled=True, silent=silent)


def test_an_engine_whose_every_part_lives_and_that_owes_nothing_runs(now, django_assert_num_queries):
    make_engine(now - seconds(30))
    MessageFactory(deliver_after=now + seconds(1), created_at=now)
    MessageFactory(sent=True, deliver_after=now - seconds(99))
    MessageFactory(not_sent=True, deliver_after=now - seconds(99))

    with django_assert_num_queries(1):
        state = engine_state(now)

    assert (state, state.advice) == (EngineState(now - seconds(30), None, 0, is_stalled=False), "")


@pytest.mark.parametrize(
    ("silent", "advice"),
    [
        (["beat"], "The worker lives, but beat does not ring it: restart beat."),
        (["worker"], "Beat rings, but no worker hears it: restart the worker."),
        (["beat", "worker"], "Neither beat nor the worker reports: start both."),
    ],
)
def test_a_silent_process_is_named_before_the_sweeps_that_fall_silent_with_it(now, silent, advice):
    make_engine(now)
    EngineReport.objects.update(began_at=now - seconds(99))
    EngineTick.objects.update(ticked_at=now - seconds(40))
    for part in silent:
        age(31, now, part=part)

    state = engine_state(now)

    assert (state.is_stalled, state.advice) == (True, advice)
    assert state.silent == tuple(Silence(part, now - seconds(31)) for part in silent)


def test_a_sweep_that_is_silent_while_beat_and_the_worker_live_is_named(now):
    make_engine(now)
    age(31, now, sweep="comms.deliver_due")

    state = engine_state(now)

    assert state.silent == (Silence("comms.deliver_due", now - seconds(31)),)
    assert (state.is_stalled, state.last_tick_at, str(state.silent[0])) == (
        True,
        now - seconds(31),
        "the sweep comms.deliver_due",
    )
    assert state.advice.startswith("Beat and the worker live, but the work is not done:")


def test_a_sweep_that_never_ran_is_silent(now):
    make_engine(now)
    EngineTick.objects.filter(sweep="incidents.sweep_promises").delete()

    assert engine_state(now).silent == (Silence("incidents.sweep_promises", None),)


def test_a_tick_of_a_sweep_that_is_no_more_stalls_nothing(now):
    make_engine(now)
    EngineTickFactory(sweep="gone.sweep", ticked_at=now - timedelta(days=9))

    assert engine_state(now) == EngineState(now, None, 0, is_stalled=False)


@pytest.mark.parametrize(("silence", "is_stalled"), [(120, False), (121, True)])
def test_a_sweep_that_is_rung_less_often_may_miss_one_bell(now, monkeypatch, silence, is_stalled):
    monkeypatch.setattr("comms.queries.engine.sweeps", lambda: {"often": seconds(1), "hardly": seconds(60)})
    make_engine(now)
    EngineTickFactory(sweep="often", ticked_at=now)
    EngineTickFactory(sweep="hardly", ticked_at=now - seconds(silence))

    state = engine_state(now)

    assert (state.is_stalled, state.last_tick_at) == (is_stalled, now - seconds(silence))


def test_beat_has_thirty_seconds_from_the_start_of_a_worker_that_rings_every_sweep_itself(now):
    make_engine(now)
    age(99, now, part=EnginePart.BEAT)
    EngineReport.objects.filter(part=EnginePart.WORKER).update(began_at=now - seconds(30))

    assert engine_state(now).silent == ()
    assert engine_state(now + seconds(1)).silent == (Silence("beat", now - seconds(99)),)


@pytest.mark.parametrize(("waited", "is_stalled"), [(30, False), (31, True)])
def test_a_message_that_is_due_for_more_than_thirty_seconds_stalls_it(now, waited, is_stalled):
    make_engine(now)
    MessageFactory(deliver_after=now - seconds(waited))
    MessageFactory(deliver_after=now, lease_until=now + seconds(20))

    state = engine_state(now)

    assert state == EngineState(now, now - seconds(waited), 2, is_stalled=is_stalled)
    assert state.advice == ("Every part lives, but messages do not leave: look at the outbox." if is_stalled else "")


def test_the_monitor_is_the_one_that_is_set_now_and_shows_no_more_than_its_host(now, settings):
    settings.HEARTBEAT_URL = f"{MONITOR}/ping/secret"
    OutsideMonitorFactory(host="https://old.example.org")

    assert engine_state(now).monitor == MonitorState(MONITOR)

    OutsideMonitorFactory(host=MONITOR, taken_at=now - seconds(60), failing_since=now - seconds(30), error="HTTP 500")

    assert engine_state(now).monitor == MonitorState(MONITOR, now - seconds(60), now - seconds(30), "HTTP 500")


def test_a_page_asks_only_when_its_template_does(rf: RequestFactory, django_assert_num_queries):
    with django_assert_num_queries(0):
        context = engine(rf.get("/"))
    with django_assert_num_queries(1):
        assert (context["engine"]().unsent, context["engine"]().is_stalled) == (0, True)
