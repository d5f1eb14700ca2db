"""Where a page stands, read from its rows for plan.py."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from escalation.enums import AttemptOutcome
from escalation.models import Page, PageAnswer, PageAttempt
from escalation.plan import PageState, PolicySnapshot
from escalation.queries.answer import standing
from escalation.queries.reach import People, people_of


def people_of_page(page: Page, at: datetime) -> People:
    """Whoever the steps of `page` may reach at `at`."""
    return people_of([PolicySnapshot.from_json(page.snapshot)], [page.roles], at)


def state_of(page: Page, people: People, *, due: bool = False) -> PageState:
    """The state of one page, in two queries; `due` asks for the next step whether its moment has come or not."""
    return state_from(page, page.attempts.all(), list(page.answers.all()), people, due=due)


def state_from(
    page: Page, attempts: Iterable[PageAttempt], answers: Sequence[PageAnswer], people: People, *, due: bool = False
) -> PageState:
    """The same from rows already fetched."""
    snapshot = PolicySnapshot.from_json(page.snapshot)
    attempts = list(attempts)
    of_this_pass = [attempt for attempt in attempts if attempt.run == page.run]
    rung = [attempt for attempt in attempts if attempt.outcome == AttemptOutcome.RUNG]
    return PageState(
        snapshot=snapshot,
        reach=people.reach(page.roles),
        run=page.run,
        step=page.step,
        wake_at=None if due else page.wake_at,
        answered=frozenset(answer.user_id for answer in answers),
        coming=len(standing(answers)) >= page.answers_needed,
        pass_began_at=min((attempt.at for attempt in of_this_pass), default=None),
        pass_rang=any(attempt.user_id and attempt.run == page.run for attempt in rung),
        last_resort_asked=any(attempt.step == len(snapshot.steps) for attempt in attempts),
    )
