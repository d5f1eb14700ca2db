"""The clock ran an hour ahead and is put right: a page goes on in minutes, as it would have."""

from datetime import timedelta

import pytest

from comms.models import EngineTick
from comms.queries.engine import engine_state
from escalation.actions.page import advance_due_pages
from escalation.models import Page
from tests.escalation.story import MINUTE, rung, start
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import MaintenanceWindowFactory, ServiceFactory, make_policy

pytestmark = pytest.mark.django_db
AHEAD = NOW + timedelta(hours=1)
SECOND = timedelta(seconds=1)


def test_a_page_rings_its_next_step_in_time() -> None:
    ana, ben = ReachableUserFactory.create_batch(2)
    page = start(policy=make_policy(ana, ben), now=AHEAD)
    advance_due_pages(now=AHEAD)

    for minute in range(6):
        advance_due_pages(now=NOW + SECOND + minute * MINUTE)

    assert rung(page) == [(5, ben), (60, ana)]
    assert EngineTick.objects.get().set_back_by == timedelta(hours=1) - SECOND


def test_a_page_that_waits_for_the_end_of_maintenance_waits_for_it_by_the_clock_on_the_wall() -> None:
    service = ServiceFactory()
    window = MaintenanceWindowFactory(services=[service], starts_at=NOW, ends_at=AHEAD + timedelta(hours=1))
    held = start(policy=make_policy(ReachableUserFactory()), now=AHEAD, service=service, by_machine=True)
    advance_due_pages(now=AHEAD)

    advance_due_pages(now=NOW + SECOND)

    assert Page.objects.get(pk=held.pk).wake_at == window.ends_at


def test_the_face_of_the_engine_says_so() -> None:
    advance_due_pages(now=AHEAD)
    advance_due_pages(now=NOW)

    state = engine_state(NOW)

    assert (state.set_back_at, state.set_back_by) == (NOW, timedelta(hours=1))
    assert state.set_back == "The clock was set back by 1:00:00; what waited moved with it."
