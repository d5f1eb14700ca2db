"""No preset loses a rule: each of its lines is held by a rule of its test or is ours, and the docs name each."""

import importlib

import pytest

from core.filling import unsafe_name
from incidents.policy_file import preset_names
from tests.factories.policy import read_preset
from tests.incidents.policy.rules import Rule, table_in_docs, unheld


def rules_of(preset: str) -> list[Rule]:
    """The rules that the test of `preset` asserts."""
    rules: list[Rule] = importlib.import_module(f"tests.incidents.policy.test_{preset.replace('-', '_')}").RULES
    return rules


def test_five_documents_are_five_presets():
    assert preset_names() == ["follow-the-sun", "pager", "phases", "platform", "response-teams"]


@pytest.mark.parametrize("preset", preset_names())
def test_every_line_of_a_preset_is_a_rule_of_its_document_or_ours(preset):
    assert unheld(rules_of(preset), preset) == []


@pytest.mark.parametrize("preset", preset_names())
def test_every_command_of_a_preset_can_be_filled_in_safely(preset):
    document = read_preset(preset)
    commands = [one.command for one in document.mitigations]
    commands += [item.command for phase in document.phases for item in phase.items]
    commands += [action.command for runbook in document.runbooks for action in runbook.actions]

    assert [line for command in commands if command for line in command.splitlines() if unsafe_name(line)] == []


@pytest.mark.parametrize("preset", preset_names())
def test_the_docs_say_where_each_rule_is_held(preset):
    assert table_in_docs(preset) == [rule.row for rule in rules_of(preset)]
