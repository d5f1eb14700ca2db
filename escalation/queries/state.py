"""Where a page stands, read from its rows for escalation.plan."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from escalation.enums import AttemptOutcome
from escalation.models import Page, PageAnswer, PageAttempt
from escalation.plan import PageState, PolicySnapshot
from escalation.queries.answer import standing
from escalation.queries.reach import People, people_of

Row = TypeVar("Row", PageAttempt, PageAnswer)


def people_of_pages(pages: Collection[Page], at: datetime) -> People:
    """Whoever the steps of `pages` may reach at `at`."""
    return people_of([PolicySnapshot.from_json(page.snapshot) for page in pages], [page.roles for page in pages], at)


def attempts_of(pages: Collection[Page]) -> dict[int, list[PageAttempt]]:
    """{page id: its attempts, oldest first}, in one query; a page without any is not in it."""
    return _by_page(PageAttempt.objects.filter(page__in=pages).order_by("at", "pk"))


def answers_of(pages: Collection[Page]) -> dict[int, list[PageAnswer]]:
    """{page id: its answers with their people, oldest first}, in one query; a page without any is not in it."""
    return _by_page(PageAnswer.objects.filter(page__in=pages).select_related("user").order_by("at", "pk"))


def _by_page(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.page_id, []).append(row)
    return found


def state_of(
    page: Page, attempts: Iterable[PageAttempt], answers: Sequence[PageAnswer], people: People, *, by_hand: bool
) -> PageState:
    """The state of one page with its rows, in one query where a step counts how often its subject came up, else none.

    `by_hand` asks for the next step now, whether its moment has come or not, and whatever it waits for.
    """
    snapshot = PolicySnapshot.from_json(page.snapshot)
    came_up = page.recurrences.values_list("at", flat=True) if snapshot.counts else ()
    return state_from(page, attempts, answers, people, came_up=came_up, by_hand=by_hand)


def state_from(
    page: Page,
    attempts: Iterable[PageAttempt],
    answers: Sequence[PageAnswer],
    people: People,
    *,
    came_up: Iterable[datetime] = (),
    due: bool = False,
    by_hand: bool = False,
) -> PageState:
    """The same from rows already fetched; `due` asks for the next step whether its moment has come or not."""
    snapshot = PolicySnapshot.from_json(page.snapshot)
    of_this_round = [attempt for attempt in attempts if attempt.round == page.round]
    of_this_pass = [attempt for attempt in of_this_round if attempt.run == page.run]
    standing_still = [attempt for attempt in of_this_pass if attempt.outcome == AttemptOutcome.WAITS]
    return PageState(
        snapshot=snapshot,
        reach=people.reach(page.roles),
        round=page.round,
        run=page.run,
        step=page.step,
        wake_at=None if due or by_hand else page.wake_at,
        level_rank=page.level_rank,
        came_up=(page.started_at, *came_up),
        answered=frozenset(answer.user_id for answer in answers if answer.lapsed_at is None),
        coming=len(standing(answers)) >= page.answers_needed,
        pass_began_at=min((attempt.at for attempt in of_this_pass), default=None),
        pass_rang=any(attempt.user_id and attempt.outcome == AttemptOutcome.RUNG for attempt in of_this_pass),
        last_resort_asked=any(attempt.step == len(snapshot.steps) for attempt in of_this_round),
        waits=any(attempt.step == page.step for attempt in standing_still),
        by_hand=by_hand,
    )
