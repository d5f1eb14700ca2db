"""The bell of beat finds its sweep by name."""

from datetime import timedelta

import pytest
import time_machine
from celery import current_app

from config.celery import SWEEPS
from escalation.tasks import advance_due_pages_task
from tests.escalation.story import MINUTE, rung, start
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy


@pytest.mark.django_db
def test_the_task_takes_the_steps_that_are_due_now() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens))

    with time_machine.travel(NOW + 5 * MINUTE + timedelta(seconds=1), tick=False):
        assert advance_due_pages_task() == 1

    assert [user for _, user in rung(page)] == [ana, jens]


def test_beat_knows_the_task_by_its_name() -> None:
    assert advance_due_pages_task.name == "escalation.advance_due_pages"
    assert advance_due_pages_task.name in SWEEPS
    assert advance_due_pages_task.name in current_app.tasks
