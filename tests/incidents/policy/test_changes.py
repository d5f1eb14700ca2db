"""A plan says in words what would change, what keeps the old rules, and what is named but not there."""

from datetime import timedelta

import pytest

from accounts.actor import MUSTER
from incidents.actions.ladder import apply_document
from incidents.models import LadderVersion
from incidents.policy_file import changes_in_words, plan_document, read_document
from tests.factories import NOW
from tests.factories.comms import SubscriptionFactory
from tests.factories.escalation import PolicyFactory, ScheduleFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.policy import apply_preset, apply_text, level_of, preset_text, read_preset, whole_policy

PAGER = preset_text("pager")
SEV1 = PAGER.index("- name: SEV1")
SEV2 = PAGER.index("- name: SEV2")


def changed(before: str, after: str, start: int = 0) -> list[str]:
    """The changes in words when the first `before` from `start` on becomes `after`."""
    text = PAGER[:start] + PAGER[start:].replace(before, after, 1)
    assert text != PAGER
    return changes_in_words(read_document(PAGER), read_document(text))


@pytest.mark.parametrize(
    ("before", "after", "start", "sentence"),
    [
        (
            "within: 15 min",
            "within: 30 min",
            PAGER.index("owed:"),
            "SEV1: a status update is owed every 30 min, was 15 min.",
        ),
        ("within: 48 h", "within: 72 h", SEV2, "SEV2: a postmortem is owed within 72 h, was 48 h."),
        ("within: 48 h", "within: best effort", SEV2, "SEV2: a postmortem is owed best effort, was 48 h."),
        (
            "acknowledge_within: 5 min",
            "acknowledge_within: 2 min",
            SEV2,
            "SEV2: a page must be acknowledged within 2 min, was 5 min.",
        ),
        ("    acknowledge_within: 5 min\n", "", SEV2, "SEV2: a page must be acknowledged within none, was 5 min."),
        (
            "respond_within: 5 min",
            "respond_within: immediate",
            0,
            "SEV1: work must begin within immediate, was 5 min.",
        ),
        (
            "policy: service",
            "policy: founders",
            SEV1,
            "SEV1: primary is paged by founders, was the service's own policy.",
        ),
        ("answers_needed: 1", "answers_needed: 2", SEV1, "SEV1: answers needed of primary: 2, was 1."),
        (
            "mode: thread",
            "mode: room",
            SEV1,
            "SEV1: chat opens a room of its own in incidents, was a thread in incidents.",
        ),
        (
            "rings_until_answered: yes",
            "rings_until_answered: no",
            SEV1,
            "SEV1: an unanswered page begins from the top again: no, was yes.",
        ),
        (
            "silent_after: 30 min",
            "silent_after: 1 h",
            SEV2,
            "SEV2: whoever answered and is silent is asked after 1 h, was 30 min.",
        ),
        ("status_document: yes", "status_document: no", SEV1, "SEV1: a status document is kept: no, was yes."),
        ("public: no", "public: yes", SEV1, "SEV1: the public is told by default: yes, was no."),
        (
            "order: after_resolved",
            "order: before_resolved",
            SEV1,
            "SEV1: the watch is 30 min before “resolved”, was 30 min after “resolved”.",
        ),
        (
            "remind_before: 5 min",
            "remind_before: 3 min",
            SEV1,
            "SEV1: a status update is called to mind so long before: 3 min, was 5 min.",
        ),
        (
            "deputy_after: 2 min",
            "deputy_after: 3 min",
            SEV1,
            "SEV1: when a status update is late, told is deputy after 3 min, was deputy after 2 min.",
        ),
        (
            "escalate_after: 10 min",
            "escalate_after: 1 h",
            SEV1,
            "SEV1: when a status update stays late, rung is engineering-manager after 1 h, "
            "was engineering-manager after 10 min.",
        ),
        (
            "to: [incidents]",
            "to: [incidents, staff]",
            SEV1,
            "SEV1: a status update goes to incidents, staff, was incidents.",
        ),
        ("name: Scribe", "name: Clerk", 0, "The role Scribe is called Clerk, was Scribe."),
        ("You write down", "You note", 0, "The duties of the role Scribe are worded anew."),
        ("name: Pager", "name: The pager", 0, "The ladder is called “The pager”, was “Pager”."),
        (
            "[mon, tue, wed, thu, fri]",
            "[mon, tue, wed, thu]",
            0,
            "Business days are mon, tue, wed, thu, was mon, tue, wed, thu, fri.",
        ),
        ('closes_at: "17:00"', "closes_at: 18:30", 0, "A business day ends at 18:30, was 17:00."),
        (
            "default_policy: platform-primary",
            "default_policy: everybody",
            0,
            "Without a service, the escalation policy is everybody, was platform-primary.",
        ),
        ("- A nightly report is late.", "- A report is late.", 0, "SEV3: its examples are worded anew."),
    ],
)
def test_a_change_is_one_sentence(before: str, after: str, start: int, sentence: str) -> None:
    assert changed(before, after, start) == [sentence]


def test_levels_pages_duties_and_roles_that_come_and_go_are_told() -> None:
    text = PAGER.replace("- name: SEV3", "- name: SEV4").replace("- group: primary", "- group: on call", 1)
    text = text.replace("what: postmortem", "what: customer_email", 1).replace("slug: scribe", "slug: clerk")
    assert changes_in_words(read_document(PAGER), read_document(text)) == [
        "The role Scribe is gone.",
        "The role Scribe is new.",
        "SEV3: the level is gone.",
        "SEV1: primary is no longer paged.",
        "SEV1: on call is paged as well, by the service's own policy.",
        "SEV1: a postmortem is no longer owed.",
        "SEV1: an email to customers is owed within 48 h, it was not owed before.",
        "SEV4: the level is new.",
    ]


def test_roles_in_another_order_are_a_change_too() -> None:
    document = read_preset("pager")
    turned = document.model_copy(update={"roles": document.roles[::-1]})
    assert changes_in_words(document, turned) == ["Only the order of some entries changes."]


@pytest.mark.django_db
def test_the_plan_of_a_new_ladder_says_so_and_names_what_is_missing() -> None:
    plan = plan_document(read_preset("pager"))

    assert plan.changes == ["The ladder “Pager” (pager) is new, with the levels SEV1, SEV2, SEV3."]
    assert (plan.number, plan.keeps) == (None, [])
    assert plan.warnings == [
        "There are no escalation policies called “engineering-manager” and “platform-primary” yet: what names them "
        "rings nobody, and the room will say so.",
        "There is no standing channel called “incidents” yet: nothing is posted there until there is one.",
    ]
    assert LadderVersion.objects.count() == 0


@pytest.mark.django_db
def test_nothing_is_missing_once_everything_that_is_named_exists() -> None:
    PolicyFactory(slug="engineering-manager")
    PolicyFactory(slug="platform-primary")
    SubscriptionFactory(name="incidents")
    text = PAGER.replace("rule: first_answer", "rule: on_call\n      schedule: platform", 1)
    text = text.replace("makes_commander: yes", "makes_commander: no", 1)
    assert plan_document(read_document(text)).warnings == [
        "There is no schedule called “platform” yet: nobody commands by it until there is one."
    ]
    ScheduleFactory(slug="platform")
    assert plan_document(read_document(text)).warnings == []


@pytest.mark.django_db
def test_the_plan_names_the_open_incidents_that_keep_the_old_rules() -> None:
    first = apply_preset("pager")
    faster = read_document(PAGER.replace("within: 30 min", "within: 20 min"))
    second = apply_document(faster, by=MUSTER, now=NOW)
    old = IncidentFactory(level=level_of(first, "SEV1"))
    IncidentFactory(level=level_of(first, "SEV1"), closed=True)
    IncidentFactory(level=apply_text(PAGER.replace("ladder: pager", "ladder: other")).levels.get(name="SEV1"))
    newer = [
        IncidentFactory(level=second.levels.get(name="SEV2"), declared_at=NOW + timedelta(minutes=n)) for n in (1, 2)
    ]

    plan = plan_document(read_preset("pager"))

    assert plan.number == 2
    assert plan.changes == ["SEV2: a status update is owed every 30 min, was 20 min."]
    assert plan.keeps == [
        f"2 open incidents keep version 2: {newer[0].reference}, {newer[1].reference}.",
        f"1 open incident keeps version 1: {old.reference}.",
    ]
    assert plan_document(faster).keeps == []


WHOLE = whole_policy()


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("ends_after: 5 min", "ends_after: 10 min", "The phase “Triage”: “Ends after” is “10 min”, was “5 min”."),
        (
            "within: 1 min",
            "within: 2 min",
            "The phase “Triage”: the item “Check recent deployments”: “Within” is “2 min”, was “1 min”.",
        ),
        (
            "      - text: Errors are back at their baseline\n        kind: check\n        flag: api\n"
            "        evidence: file\n        holds: resolve\n",
            "",
            "The phase “Triage”: the item “Errors are back at their baseline” is gone.",
        ),
        ("asked: after", "asked: triage", "The flag “A new way to fail”: “Asked” is “triage”, was “after”."),
        (
            "is_new_failure: yes",
            "is_new_failure: no",
            "The flag “A new way to fail”: “Is a new failure” is no, was yes.",
        ),
        ("makes_private: yes", "makes_private: no", "The flag “Breach suspected”: “Makes private” is no, was yes."),
        (
            "pages: [executive]",
            "pages: [executive, legal]",
            "The runbook “The database fails”: “Rings” is executive, legal, was executive.",
        ),
        ("revenue_over: 0", "revenue_over: 500", "The escalation “Much revenue”: “Revenue over” is 500, was 0."),
        ("slug: rollback", "slug: back", None),
        ("wait: 5 min", "wait: 9 min", "The chain “primary”: the step “The next”: “Wait” is “9 min”, was “5 min”."),
        ("    ticket: yes\n", "", "P1: a ticket is opened: no, was yes."),
        ("confidence_from: 70", "confidence_from: 80", "A person looks at a level that is less sure than 80, was 70."),
        ("storm_from: 10", "storm_from: 5", "So many alerts at once are one incident: 5, was 10."),
        ("blind_level: P1", "blind_level: P0", "With silent health endpoints the level is at least P0, was P1."),
        ("confidence_over: 85", "confidence_over: 90", "The postmortem: “Confidence over” is 90, was 85."),
        (
            "duties: You speak",
            "duties: You talk",
            "P0: The seat “comms”: “Duties here” is “You talk to customers every 15 minutes.”, "
            "was “You speak to customers every 15 minutes.”.",
        ),
    ],
)
def test_a_change_of_any_list_is_one_sentence(before: str, after: str, sentence: str | None) -> None:
    old, new = (
        read_document(WHOLE),
        read_document(
            WHOLE.replace(before, after, 1).replace(
                "mitigation: rollback", f"mitigation: {'back' if after == 'slug: back' else 'rollback'}"
            )
        ),
    )
    said = changes_in_words(old, new)
    if sentence is None:
        assert said == [
            "The mitigation “Roll back” is gone.",
            "The mitigation “Roll back” is new.",
            "The symptom “It broke all at once”: “Mitigation” is “back”, was “rollback”.",
        ]
    else:
        assert said == [sentence]
