"""From when a rule by time counts: from coming to its levels, or from the beginning."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from incidents.queries.matrix import MatrixFacts
from tests.factories import NOW

MINUTE = timedelta(minutes=1)
Steps = tuple[tuple[datetime, str, str], ...]


def steps(*levels: str) -> Steps:
    """From one level to the next, one a minute."""
    return tuple((NOW + MINUTE * number, *pair) for number, pair in enumerate(pairwise(levels), start=1))


@pytest.mark.parametrize(
    ("levels", "named", "minutes"),
    [
        (["SEV1"], ["SEV1"], 0),
        (["SEV2", "SEV1"], ["SEV1"], 1),
        (["SEV1", "SEV0"], ["SEV0", "SEV1"], 0),
        (["SEV2", "SEV1", "SEV0"], ["SEV0", "SEV1"], 1),
        (["SEV2", "SEV0", "SEV1"], ["SEV0", "SEV1"], 1),
        (["SEV1", "SEV2", "SEV1"], ["SEV1"], 2),
        (["SEV1", "SEV2", "SEV0", "SEV1"], ["SEV0", "SEV1"], 2),
        (["SEV2", "SEV1", "SEV0"], [], 0),
    ],
)
def test_it_counts_from_coming_to_the_levels_that_are_named(
    levels: Sequence[str], named: Sequence[str], minutes: int
) -> None:
    facts = MatrixFacts(level=levels[-1], began_at=NOW, steps=steps(*levels))

    assert facts.since(named) == NOW + minutes * MINUTE


def test_a_reopening_is_later_than_the_levels_before_it() -> None:
    reopened = NOW + 5 * MINUTE
    facts = MatrixFacts(level="SEV1", began_at=reopened, steps=steps("SEV2", "SEV1"))
    raised = MatrixFacts(level="SEV1", began_at=NOW + MINUTE / 2, steps=steps("SEV2", "SEV1"))

    assert [one.since(["SEV1"]) for one in (facts, raised)] == [reopened, NOW + MINUTE]
