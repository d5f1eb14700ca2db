"""What the lists of a policy name in each other must exist, be there once, and be whole."""

import pytest

from incidents.policy_file import PolicyFileInvalid, read_document
from tests.factories.policy import whole_policy


@pytest.mark.parametrize(
    ("before", "after", "field", "sentence"),
    [
        (
            "flag: api",
            "flag: apy",
            "phases[triage].items[Errors are back at their baseline].flag",
            "“apy” is not a flag",
        ),
        (
            "role: boss\n        command",
            "role: cook\n        command",
            "phases[triage].items[Check recent",
            "“cook” is not a role",
        ),
        (
            "levels: [P0]\n        within",
            "levels: [P7]\n        within",
            "phases[triage].items[Check",
            "“P7” is not a level",
        ),
        (
            "mitigation: rollback",
            "mitigation: prayer",
            "symptoms[It broke all at once].mitigation",
            "“prayer” is not a mit",
        ),
        (
            "way_back: helm rollback {release}",
            "way_back: helm rollback $(id {release})",
            "mitigations[rollback].way_back",
            "{release} stands behind a backtick",
        ),
        (
            "runbook: database",
            "runbook: network",
            "symptoms[It broke all at once].runbook",
            "“network” is not a runbook",
        ),
        ("level: P0\n    levels", "level: P9\n    levels", "runbooks[database].level", "“P9” is not a level"),
        ("flag: breach\n    pages", "flag: theft\n    pages", "runbooks[database].flag", "“theft” is not a flag"),
        ("    unresolved_after: 30 min\n", "", "escalations[Not resolved in 30 min]", "needs exactly one condition"),
        (
            "revenue_over: 0",
            "revenue_over: 0\n    flag: api",
            "escalations[Much revenue]",
            "needs exactly one condition",
        ),
        ("        schedule: managers\n", "", "levels[P0].team[comms].schedule", "is missing: with “on_call”"),
        ("from: on_call", "from: nobody", "levels[P0].team[comms].schedule", "is only used with “on_call”"),
        ("role: comms", "role: cook", "levels[P0].team[cook].role", "“cook” is not a role of this ladder; there are"),
        (
            "rule: nobody",
            "rule: nobody\n      backup: leads",
            "levels[P1].commander.backup",
            "is not used while nobody",
        ),
        ("begins_after: 24 h", "begins_after: 48 h", "phases[postmortem].ends_after", "must be later than 48 h"),
        ("slug: postmortem", "slug: triage", "phases[triage].slug", "“triage” is used by another entry as well"),
        ("blind_level: P1", "blind_level: P7", "blind_level", "“P7” is not a level"),
        ("who: The next", "who: The first", "chains[primary].steps[", "“The first” is used by another entry as well"),
        ("meeting_roles: [boss]", "meeting_roles: [cook]", "postmortem.meeting_roles", "“cook” is not a role"),
        ("{next_update}", "{next_upd}", "texts", "“{next_upd}” is not known here; known are level"),
        ("{status}", "{status", "texts", "a brace is open or too many"),
        ("{status}", "{duration}", "texts", "“{duration}” is not known with an update; its line would always be"),
        ("occasion: update", "occasion: meeting", "texts", "no text is ever asked for public on this occasion."),
        ("url: https://", "url: ftp://", "links[Errors].url", "is not a web address"),
        (
            "policies: [legal]",
            "policies: [legal, legal]",
            "escalations[Breach].policies",
            "“legal” is listed a second",
        ),
        ("policies: [legal]", "policies: []", "escalations[Breach].policies", "needs at least one entry."),
        ("confidence_over: 85", "confidence_over: 100", "postmortem.confidence_over", "must be 99 or less."),
        ("confidence_over", "confidence_ovr", "postmortem.confidence_ovr", "did you mean “confidence_over”?"),
    ],
)
def test_a_loose_name_is_told_with_its_field(before: str, after: str, field: str, sentence: str) -> None:
    text = whole_policy()
    assert text.count(before) >= 1

    with pytest.raises(PolicyFileInvalid) as refused:
        read_document(text.replace(before, after, 1))

    told = [(problem.field, problem.sentence) for problem in refused.value.problems]
    assert len(told) == 1
    assert told[0][0].startswith(field)
    assert sentence in told[0][1]
    assert refused.value.problems[0].line is not None
