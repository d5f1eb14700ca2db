"""What people have answered, as far as it still holds."""

from collections.abc import Iterable

from escalation.enums import AnswerKind
from escalation.models import Page, PageAnswer


def standing_answers(page: Page) -> list[PageAnswer]:
    """The acknowledgements of `page` that count: not taken back by “cannot”, not lapsed by silence; oldest first."""
    return standing(page.answers.select_related("user"))


def standing(answers: Iterable[PageAnswer]) -> list[PageAnswer]:
    """The same for answers already fetched, in any order."""
    last: dict[int, PageAnswer] = {}
    for answer in sorted((one for one in answers if one.lapsed_at is None), key=lambda one: (one.at, one.pk)):
        last[answer.user_id] = answer
    return [answer for answer in last.values() if answer.kind == AnswerKind.ACKNOWLEDGED]
