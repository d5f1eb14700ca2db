"""Every rule of document 003, asserted from the rows that its preset makes; and lost with its line."""

import pytest

from tests.factories.policy import apply_preset
from tests.incidents.policy.phases import afterwards, until_mitigated
from tests.incidents.policy.rules import broken_rules, survivors

RULES = [*until_mitigated.RULES, *afterwards.RULES]


@pytest.mark.django_db
def test_the_rows_hold_every_rule() -> None:
    assert broken_rules(RULES, apply_preset("phases")) == []


def test_no_line_can_go_without_a_rule_failing() -> None:
    assert survivors(RULES, "phases") == []
