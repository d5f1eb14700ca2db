"""Workflow tables are asked in one place, and refusals are whole sentences."""

import pytest

from core.errors import Conflict, InvalidInput, NotAllowed, Refused, WrongState
from core.states import check_may_follow, may_follow

DOORS = {"open": frozenset({"shut"}), "shut": frozenset({"open", "locked"}), "locked": frozenset()}


def test_a_state_may_follow_what_the_table_says_and_nothing_else():
    allowed = {(now, then) for now in DOORS for then in DOORS if may_follow(DOORS, now, then)}

    assert allowed == {("open", "shut"), ("shut", "open"), ("shut", "locked")}
    assert not may_follow(DOORS, "no such state", "open")


def test_a_step_that_the_table_lacks_is_refused_with_the_callers_sentence():
    check_may_follow(DOORS, "open", "shut", "never said")

    with pytest.raises(WrongState) as refusal:
        check_may_follow(DOORS, "locked", "open", "A locked door stays shut.")
    assert str(refusal.value) == "A locked door stays shut."


def test_every_refusal_can_be_caught_as_one_and_shows_its_sentence():
    refusals = [kind("It is closed.") for kind in (NotAllowed, WrongState, InvalidInput, Conflict)]

    assert [(isinstance(each, Refused), str(each)) for each in refusals] == [(True, "It is closed.")] * 4


def test_invalid_input_names_its_field_when_there_is_one():
    assert [InvalidInput("No.").field, InvalidInput("No.", field="summary").field] == ["", "summary"]
