"""The composer ticks by number, and finds the number by words."""

import pytest

from core.errors import InvalidInput
from incidents.actions.composer import COMMANDS, post_line
from incidents.enums import CheckOutcome
from incidents.queries.composer import completions
from tests.incidents.actions.checklist.conftest import history, number_of

USAGES = {name: (command.usage, command.does) for name, command in COMMANDS.items()}


def test_a_line_ticks_and_fails_by_number(incident, ana, now):
    deployments, users = number_of(incident, "Check recent deployments"), number_of(incident, "Users are asked")

    said = [
        post_line(incident, by=ana, now=now, line=f"/tick {deployments}").said,
        post_line(incident, by=ana, now=now, line=f"/failed {users} ten still wait").said,
        post_line(incident, by=ana, now=now, line=f"/tick {users} all well now").said,
    ]

    assert said == ["Ticked: Check recent deployments.", "Failed: Users are asked.", "Ticked: Users are asked."]
    assert history(incident, "Users are asked") == [
        (CheckOutcome.FAILED, "ten still wait"),
        (CheckOutcome.PASSED, "all well now"),
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [("/tick", "Say which item"), ("/tick deployments", "Say which item"), ("/tick 99", "no such item")],
)
def test_a_line_that_names_no_item_is_refused(incident, ana, now, line, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        post_line(incident, by=ana, now=now, line=line)


def test_words_behind_it_find_what_is_still_to_do(incident, ana, now):
    number = number_of(incident, "Errors are back")

    found = completions(incident, "/tick ERRORS are", USAGES, ana.user)

    assert [(row.insert, row.label) for row in found] == [(f"/tick {number} ", "Errors are back")]
    assert len(completions(incident, "/failed ", USAGES, ana.user)) == 4
    assert [row.label for row in completions(incident, f"/tick {number}", USAGES, ana.user)] == ["Errors are back"]
