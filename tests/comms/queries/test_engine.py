"""The engine's face, in one query."""

from datetime import timedelta

import pytest
from django.test import RequestFactory

from comms.context import engine
from comms.queries.engine import EngineState, engine_state
from tests.factories.comms import EngineTickFactory, MessageFactory

pytestmark = pytest.mark.django_db


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_an_engine_that_never_ran_is_stalled(now):
    assert engine_state(now) == EngineState(None, None, 0, is_stalled=True)


def test_an_engine_that_ticks_and_owes_nothing_runs(now, django_assert_num_queries):
    EngineTickFactory(ticked_at=now - seconds(30))
    MessageFactory(deliver_after=now + seconds(1), created_at=now)
    MessageFactory(sent=True, deliver_after=now - seconds(99))
    MessageFactory(not_sent=True, deliver_after=now - seconds(99))

    with django_assert_num_queries(1):
        state = engine_state(now)

    assert state == EngineState(now - seconds(30), None, 0, is_stalled=False)


def test_the_sweep_that_is_quiet_longest_speaks_for_the_engine(now):
    EngineTickFactory(ticked_at=now)
    EngineTickFactory(ticked_at=now - seconds(31))

    assert engine_state(now) == EngineState(now - seconds(31), None, 0, is_stalled=True)


@pytest.mark.parametrize(("waited", "is_stalled"), [(30, False), (31, True)])
def test_a_message_that_is_due_for_more_than_thirty_seconds_stalls_it(now, waited, is_stalled):
    EngineTickFactory(ticked_at=now)
    MessageFactory(deliver_after=now - seconds(waited))
    MessageFactory(deliver_after=now, lease_until=now + seconds(20))

    assert engine_state(now) == EngineState(now, now - seconds(waited), 2, is_stalled=is_stalled)


def test_a_page_asks_only_when_its_template_does(rf: RequestFactory, django_assert_num_queries):
    with django_assert_num_queries(0):
        context = engine(rf.get("/"))
    with django_assert_num_queries(1):
        assert (context["engine"].unsent, context["engine"].is_stalled) == (0, True)
