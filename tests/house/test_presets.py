"""No preset loses a rule: each of its lines is held by a rule of its test or is ours, and the docs name each."""

import importlib

import pytest

from core.filling import unsafe_name
from incidents.actions.status import resolve_incident
from incidents.actions.text import texts_to_copy, words_for
from incidents.enums import Occasion, TextAudience
from incidents.export.texts import Said
from incidents.policy_file import preset_names
from incidents.queries.texts import last_words
from tests.factories import NOW
from tests.factories.accounts import ActorFactory
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import IncidentFactory, RoleAssignmentFactory, StatusUpdateFactory
from tests.factories.policy import apply_preset, read_preset
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


@pytest.mark.django_db
@pytest.mark.parametrize("preset", preset_names())
def test_every_text_of_a_preset_fills_completely(preset):
    for text in apply_preset(preset).texts.all():
        incident, said = known(text), Said()
        if (text.audience, text.occasion) != (TextAudience.INTERNAL, Occasion.DECLARED):
            said = Said.fields_of(last_words(incident))
        words = words_for(text.audience, text.occasion, incident, said, now=NOW, next_by=NOW)
        copied = {(one.audience, one.occasion): (one.subject, one.text) for one in texts_to_copy(incident, now=NOW)}

        assert len(words.splitlines()) == len(text.text.splitlines()), text.text
        subject, same = copied.get((text.audience, text.occasion), (text.subject, words))
        assert (bool(subject), len(same.splitlines())) == (bool(text.subject), len(words.splitlines())), text.text


def known(text):
    """An incident at the level of `text` of which everything is known that may be, resolved where the text says so."""
    named = text.levels[:1] or [text.version.levels.first().name]
    level = text.version.levels.get(name=named[0])
    seen = {"symptom": "Payments fail", "customers": "12", "revenue": "estimated", "data_integrity": "suspected"}
    incident = IncidentFactory(level=level, service=ServiceFactory(), **seen)
    RoleAssignmentFactory(incident=incident)
    fields = {"impact": "Payments fail.", "action": "Rolling back.", "cause": "A deploy.", "eta": "15:00"}
    StatusUpdateFactory(incident=incident, **fields)
    if text.occasion in {Occasion.RESOLVED, Occasion.MEETING}:
        return resolve_incident(incident, by=ActorFactory(), now=NOW, reason="rolled back")
    return incident


@pytest.mark.parametrize("preset", preset_names())
def test_the_docs_say_where_each_rule_is_held(preset):
    assert table_in_docs(preset) == [rule.row for rule in rules_of(preset)]
