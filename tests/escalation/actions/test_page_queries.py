"""What a page costs, counted: the database is asked a fixed number of things, however many are rung."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalation.actions.page import acknowledge_page, advance_due_pages
from escalation.models import Page, Policy
from tests.escalation.story import MINUTE, by, start
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import PolicyFactory, PolicyStepFactory, StepTargetFactory, make_policy, make_schedule

pytestmark = pytest.mark.django_db


def cost(act: Any) -> list[str]:
    """The statements of `act`, without the marks of transactions within the test's own."""
    with CaptureQueriesContext(connection) as seen:
        act()
    return [query["sql"][:200] for query in seen if "SAVEPOINT" not in query["sql"]]


def on_call_policy(people: int) -> Policy:
    """One step that rings who is on call, and so many more."""
    step = PolicyStepFactory(policy=PolicyFactory())
    StepTargetFactory(step=step, on_call=make_schedule(ReachableUserFactory(), ReachableUserFactory()))
    for _ in range(people - 1):
        StepTargetFactory(step=step, user=ReachableUserFactory())
    return step.policy


def test_a_page_begins_in_at_most_seventeen_statements_and_none_more_for_further_people() -> None:
    one, three = on_call_policy(1), on_call_policy(3)

    alone = cost(lambda: start(policy=one))
    together = cost(lambda: start(policy=three, subject_key="incident:INC-2"))

    assert len(alone) <= 17, "\n".join(alone)
    assert len(together) == len(alone), "\n".join(together)


def test_an_answer_takes_at_most_eleven_statements() -> None:
    ana = ReachableUserFactory()
    page = start(policy=make_policy(ana, ReachableUserFactory()))

    said = cost(lambda: acknowledge_page(page, by=by(ana), now=NOW + MINUTE))

    assert len(said) <= 11, "\n".join(said)


def test_the_next_step_of_a_page_takes_at_most_ten_statements_and_a_tick_with_nothing_due_two() -> None:
    start(policy=make_policy(ReachableUserFactory(), ReachableUserFactory()))

    advance_due_pages(now=NOW)
    idle = cost(lambda: advance_due_pages(now=NOW + MINUTE))
    due = cost(lambda: advance_due_pages(now=NOW + 5 * MINUTE))

    assert len(idle) <= 2, "\n".join(idle)
    assert len(due) - len(idle) <= 10, "\n".join(due)


def test_a_batch_of_pages_is_advanced_in_as_many_statements_as_one() -> None:
    policy = make_policy(ReachableUserFactory(), ReachableUserFactory())
    counts = []
    advance_due_pages(now=NOW)  # the row of its tick
    for number, pages in enumerate((1, 3)):
        now = NOW + number * 60 * MINUTE
        for page in range(pages):
            start(policy=policy, subject_key=f"test:{number}-{page}", now=now)
        counts.append(cost(lambda now=now: advance_due_pages(now=now + 5 * MINUTE)))
        Page.objects.all().delete()

    assert len(counts[1]) == len(counts[0]), "\n".join(counts[1])
