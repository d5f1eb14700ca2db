"""Every rule of document 000, asserted from the rows that its preset makes; and lost with its line."""

import pytest

from tests.factories.policy import apply_preset
from tests.incidents.policy.rules import Rule, Says, broken_rules, survivors

RULES = [
    Rule(
        "three levels, the first the worst", {"levels[SEV1].rank": 1, "levels[SEV2].rank": 2, "levels[SEV3].rank": 3}
    ),
    Rule(
        "an outage for customers, data at risk, a breach",
        {"levels[SEV1].criteria": Says("cannot use", "data may be lost", "security")},
    ),
    Rule(
        "degraded, features broken, more errors",
        {"levels[SEV2].criteria": Says("degraded", "features", "requests fail")},
    ),
    Rule(
        "only inside, a way around it, no customer", {"levels[SEV3].criteria": Says("no customer", "a way around it")}
    ),
    Rule("response time 5 min", {"levels[SEV1].respond_within": "5 min"}),
    Rule("response time 15 min", {"levels[SEV2].respond_within": "15 min"}),
    Rule("response time next business day", {"levels[SEV3].respond_within": "next business day"}),
    Rule("the page is acknowledged within 5 min", {"levels[SEV1,SEV2,SEV3].acknowledge_within": "5 min"}),
    Rule(
        "a thread in #incidents",
        {"levels[SEV1,SEV2,SEV3].chat.mode": "thread", "levels[SEV1,SEV2,SEV3].chat.channel": "incidents"},
    ),
    Rule("… titled `[SEV?] <short description>`", built_in="every message about an incident begins so"),
    Rule(
        "the primary is paged",
        {
            "levels[SEV1,SEV2,SEV3].pages[primary].policy": "service",
            "levels[SEV1,SEV2,SEV3].pages[primary].answers_needed": 1,
        },
    ),
    Rule(
        "a commander, usually the primary",
        {
            "levels[SEV1,SEV2,SEV3].commander.rule": "first_answer",
            "levels[SEV1,SEV2,SEV3].pages[primary].makes_commander": True,
            "roles[commander].kind": "commander",
            "roles[commander].duties": Says("usually you are the primary"),
        },
    ),
    Rule(
        "a status document for SEV1 and SEV2",
        {"levels[SEV1,SEV2].status_document": True, "levels[SEV3].status_document": False},
        built_in="`/incidents/<reference>/status.md`",
    ),
    Rule(
        "… with what happens, impact, status, and the timeline, newest first",
        built_in="the status document",
        at="SEV1, SEV2",
    ),
    Rule(
        "stop the bleeding before looking for the cause",
        {
            "roles[commander].duties": Says("Stop the bleeding first. Look for the root cause when it has stopped."),
            "phases[response].items[bleeding].text": Says("root cause can wait"),
        },
        built_in="the order of the room",
    ),
    Rule("a status update every 15 min", {"levels[SEV1].owed[status_update].within": "15 min"}),
    Rule("a status update every 30 min", {"levels[SEV2].owed[status_update].within": "30 min"}),
    Rule(
        "… in #incidents and the status document",
        {
            "levels[SEV1,SEV2].owed[status_update].to": ["incidents"],
            "levels[SEV1,SEV2].owed[status_update].by": "commander",
        },
        built_in="the document shows the last one",
    ),
    Rule(
        "resolve it, then keep watching for 30 min",
        {
            "levels[SEV1,SEV2,SEV3].watch.for": "30 min",
            "levels[SEV1,SEV2,SEV3].watch.order": "after_resolved",
            "roles[commander].duties": Says("keep watching for half an hour"),
        },
    ),
    Rule(
        "a postmortem within 48 hours",
        {"levels[SEV1,SEV2].owed[postmortem].within": "48 h", "levels[SEV1,SEV2].owed[postmortem].by": "commander"},
    ),
    Rule("… with date, duration, author and reviewers", built_in="the postmortem's head", at="SEV1, SEV2"),
    Rule(
        "… a summary of two or three sentences",
        {"postmortem.sections[summary].questions": Says("two or three sentences", "who felt it", "mended")},
    ),
    Rule(
        "… customers, symptom, data integrity, revenue",
        {"postmortem.sections[impact].questions": Says("Which customers", "users see", "data harmed", "revenue lost")},
    ),
    Rule(
        "… the timeline, taken from the record", {"postmortem.sections[timeline].questions": Says("from the record")}
    ),
    Rule(
        "… the root cause, so that a newcomer understands it",
        {"postmortem.sections[root_cause].questions": Says("new colleague understands")},
    ),
    Rule(
        "… what went well, what went poorly",
        {"postmortem.sections[went_well].kind": "list", "postmortem.sections[went_poorly].kind": "list"},
    ),
    Rule(
        "… action items that can be tested, each with an owner and a date",
        {
            "postmortem.sections[actions].kind": "list",
            "postmortem.sections[actions].questions": Says("seen that it is done", "By whom, by when?"),
        },
    ),
    Rule(
        "it blames nobody; the system is mended",
        {"roles[commander].duties": Says("It blames nobody.")},
        built_in="hints in the postmortem",
    ),
]


@pytest.mark.django_db
def test_the_rows_hold_every_rule() -> None:
    assert broken_rules(RULES, apply_preset("pager")) == []


def test_no_line_can_go_without_a_rule_failing() -> None:
    assert survivors(RULES, "pager") == []


@pytest.mark.django_db
def test_sev3_owes_no_update_and_no_postmortem() -> None:
    sev3 = apply_preset("pager").levels.get(name="SEV3")
    assert list(sev3.duties.all()) == []


@pytest.mark.django_db
def test_nothing_is_told_to_the_public_by_default() -> None:
    assert [level.is_public for level in apply_preset("pager").levels.all()] == [False, False, False]
