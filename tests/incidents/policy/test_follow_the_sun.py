"""Every rule of document 001, asserted from the rows that its preset makes; and lost with its line."""

import pytest

from tests.factories.policy import apply_preset
from tests.incidents.policy.rules import THERE, Names, Rule, Says, broken_rules, survivors

RULES = [
    Rule(
        "declaring too often costs little and is not punished",
        {"description": Says("false alarm costs little", "nobody is blamed")},
        built_in="what was none is closed as such, without a postmortem",
    ),
    Rule(
        "the policy is read before the first shift; the runbook lives in the repository",
        {
            "links[first shift].kind": "other",
            "links[first shift].url": Says("runbooks/incident.md"),
            "links[first shift].hint": Says("runbook"),
        },
    ),
    Rule(
        "three levels, the first the worst", {"levels[SEV1].rank": 1, "levels[SEV2].rank": 2, "levels[SEV3].rank": 3}
    ),
    Rule(
        "a region, the payment provider for several tenants, a breach",
        {
            "levels[SEV1].criteria": Says("region", "many tenants", "data got out"),
            "levels[SEV1].examples": Says("A region is down", "payment provider", "breached"),
        },
    ),
    Rule(
        "one service is unwell, customers notice, no data is lost",
        {"levels[SEV2].criteria": Says("One service", "customers notice", "no data is lost")},
    ),
    Rule("degraded inside, no customer affected", {"levels[SEV3].criteria": Says("inside", "no customer")}),
    Rule(
        "all platform on call, the manager on call and the founder on call are paged at once",
        {
            "levels[SEV1].pages[all of platform on call].policy": "platform-all",
            "levels[SEV1].pages[engineering manager on call].policy": "engineering-manager",
            "levels[SEV1].pages[founder on call].policy": "founder",
        },
    ),
    Rule(
        "the owner of the service and platform on call are paged",
        {
            "levels[SEV2].pages[owner of the service].policy": "service",
            "levels[SEV2].pages[platform on call].policy": "platform-primary",
        },
    ),
    Rule(
        "only the owner of the service is paged",
        {
            "levels[SEV3].pages": Names("owner of the service"),
            "levels[SEV3].pages[owner of the service].policy": "service",
        },
    ),
    Rule(
        "one command opens a channel of its own",
        {"levels[SEV1,SEV2,SEV3].chat.mode": "room"},
        built_in="declaring opens it, from the room, by API or by command",
    ),
    Rule("… and an entry on the status page", {"levels[SEV1,SEV2].public": True}),
    Rule("… and a ticket", {"levels[SEV1,SEV2,SEV3].ticket": True}),
    Rule("… and pages the right rotation", {"levels[*].pages": THERE}),
    Rule(
        "… and pins the runbook",
        {
            "runbooks[incident].levels": ["SEV1", "SEV2", "SEV3"],
            "runbooks[incident].link": Says("runbooks/incident.md"),
        },
    ),
    Rule(
        "three roles, even for a small SEV2",
        {
            "roles[commander].kind": "commander",
            "roles[comms].kind": "comms",
            "roles[investigator].kind": "investigator",
            "levels[SEV1,SEV2].team[comms].role": "comms",
            "levels[SEV1,SEV2].team[investigator].role": "investigator",
        },
    ),
    Rule(
        "the commander owns timeline, decisions and channel",
        {
            "roles[commander].duties": Says("You own the timeline, the decisions and the channel."),
            "phases[response].items[timeline].role": "commander",
        },
    ),
    Rule(
        "… and is the calmest, not the one who knows most",
        {"roles[commander].duties": Says("need not know the code best", "calmest")},
    ),
    Rule(
        "comms owns status page, email and announcement",
        {
            "roles[comms].duties": Says("status page", "email to customers", "announcement"),
            "phases[aftermath].items[Announce].role": "comms",
        },
    ),
    Rule(
        "… and is often the engineering manager",
        {
            "levels[SEV1,SEV2].team[comms].from": "on_call",
            "levels[SEV1,SEV2].team[comms].schedule": "engineering-manager",
        },
    ),
    Rule(
        "investigators, usually two: one drives, one listens",
        {
            "roles[investigator].holds_several": True,
            "roles[investigator].duties": Says("one of two", "one drives, the other listens"),
            "phases[response].items[Two people].role": "investigator",
            "phases[response].items[Two people].levels": ["SEV1", "SEV2"],
        },
    ),
    Rule(
        "an update every 15 minutes at least",
        {
            "levels[SEV1,SEV2,SEV3].owed[status_update].within": "15 min",
            "levels[SEV1,SEV2].owed[status_update].by": "comms",
        },
    ),
    Rule("… in the channel", {"levels[SEV1,SEV2,SEV3].owed[status_update].to": ["incidents"]}),
    Rule(
        "… and on the status page",
        {
            "levels[SEV1,SEV2].owed[public_update].within": "15 min",
            "levels[SEV1,SEV2].owed[public_update].by": "comms",
        },
    ),
    Rule(
        "… even if nothing is new: silence is worse than bad news",
        {
            "roles[comms].duties": Says("still looking", "worse than bad news"),
            "phases[response].items[nothing is new].role": "comms",
            "phases[response].items[nothing is new].levels": ["SEV1", "SEV2"],
        },
        built_in="one press for “no change”, which the public reads too; a late update is red",
    ),
    Rule(
        "a postmortem within 72 hours",
        {
            "levels[SEV1,SEV2,SEV3].owed[postmortem].within": "72 h",
            "phases[aftermath].ends_after": "72 h",
            "phases[aftermath].anchor": "resolved",
            "phases[aftermath].output": Says("postmortem", "action items"),
        },
    ),
    Rule(
        "… that blames nobody, drafted by the commander from the template",
        {
            "levels[SEV1,SEV2,SEV3].owed[postmortem].by": "commander",
            "roles[commander].duties": Says("draft of the postmortem"),
            "phases[aftermath].items[Draft].role": "commander",
            "phases[aftermath].items[Draft].link": Says("post-mortem-template.md"),
            "phases[aftermath].items[Draft].text": Says("blames nobody"),
        },
    ),
    Rule("… reviewed by the team", {"phases[aftermath].items[team has reviewed].kind": "check"}),
    Rule(
        "… in the platform's repository, not on the intranet, so that it is found",
        {
            "phases[aftermath].items[repository].kind": "check",
            "phases[aftermath].items[repository].text": Says("search", "not on the intranet"),
        },
    ),
    Rule("one action item or more", {"postmortem.actions_at_least": 1}),
    Rule(
        "… each owned by a named person and ticketed with the label",
        {
            "postmortem.action_label": "post-mortem",
            "phases[aftermath].items[Each action item].kind": "check",
            "phases[aftermath].items[Each action item].text": Says("person by name", "ticket"),
        },
    ),
    Rule(
        "… and when none is ever done, that is escalated",
        {
            "flags[actions-never-done].question": Says("none of the action items"),
            "flags[actions-never-done].asked": "after",
            "escalations[never done].flag": "actions-never-done",
            "escalations[never done].expected": Says("pattern"),
        },
    ),
    Rule(
        "an email to customers within 24 hours of the resolution",
        {
            "levels[SEV1,SEV2].owed[customer_email].within": "24 h",
            "levels[SEV1,SEV2].owed[customer_email].by": "comms",
            "phases[aftermath].items[Send customers].within": "24 h",
            "phases[aftermath].items[Send customers].levels": ["SEV1", "SEV2"],
            "phases[aftermath].items[Send customers].role": "comms",
        },
    ),
    Rule(
        "… from a template",
        {
            "phases[aftermath].items[Send customers].link": Says("incident-email-template.md"),
            "texts[customers/resolved@SEV1].subject": Says("{summary}"),
            "texts[customers/resolved@SEV1].text": Says("{impact}", "{duration}", "{resolution}"),
            "texts[customers/resolved@SEV1].levels": ["SEV1", "SEV2"],
        },
    ),
    Rule(
        "… factual, brief, no marketing, one apology",
        {
            "phases[aftermath].items[Send customers].text": Says("facts, short, no marketing, one apology"),
            "texts[customers/resolved@SEV1].text": Says("We apologize for the trouble"),
        },
    ),
    Rule(
        "somebody is always awake: the rotation crosses time zones",
        {"chains[platform-primary,platform-all].steps[on call for the platform].schedule": "platform"},
        built_in="layers of a schedule in several zones",
    ),
    Rule(
        "nobody answers in 5 minutes: the next in the rotation",
        {
            "levels[SEV1,SEV2,SEV3].acknowledge_within": "5 min",
            "chains[platform-primary,platform-all].steps[next in the rotation].schedule": "platform",
            "chains[platform-primary,platform-all].steps[next in the rotation].turn": 1,
        },
    ),
    Rule(
        "… 5 more: the engineering manager on call",
        {"chains[platform-primary,platform-all,engineering-manager].steps[manager].schedule": "engineering-manager"},
    ),
    Rule(
        "… then the founder on call",
        {"chains[platform-primary,platform-all,engineering-manager,founder].steps[Founder].schedule": "founder"},
    ),
    Rule(
        "… in this order, unbroken",
        {
            "chains[platform-primary].steps": Names(
                "On call for the platform",
                "The next in the rotation",
                "Engineering manager on call",
                "Founder on call",
            )
        },
    ),
]


@pytest.mark.django_db
def test_the_rows_hold_every_rule() -> None:
    assert broken_rules(RULES, apply_preset("follow-the-sun")) == []


def test_no_line_can_go_without_a_rule_failing() -> None:
    assert survivors(RULES, "follow-the-sun") == []
