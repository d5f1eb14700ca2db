"""Every rule of document 004, asserted from the rows that its preset makes; and lost with its line."""

import pytest

from tests.factories.policy import apply_preset
from tests.incidents.policy.rules import Rule, Says, broken_rules, survivors

RULES = [
    Rule(
        "it matters to be quick and to keep the record: each incident teaches",
        {"description": Says("Speed matters", "record", "learn")},
    ),
    Rule(
        "four levels, the first the worst",
        {"levels[P0].rank": 0, "levels[P1].rank": 1, "levels[P2].rank": 2, "levels[P3].rank": 3},
    ),
    Rule(
        "critical: down, data lost, breached",
        {
            "levels[P0].criteria": Says("Critical", "down altogether", "data is lost", "breached"),
            "levels[P0].examples": Says("corrupt", "DDoS", "sign in"),
        },
    ),
    Rule(
        "high: a major feature, much slower",
        {
            "levels[P1].criteria": Says("High", "major feature", "slower"),
            "levels[P1].examples": Says("Payments", "Half of all requests", "ten times"),
        },
    ),
    Rule(
        "medium: a minor feature, with a way around",
        {
            "levels[P2].criteria": Says("Medium", "minor feature", "way around"),
            "levels[P2].examples": Says("Search", "not critical"),
        },
    ),
    Rule(
        "low: looks, a small nuisance",
        {
            "levels[P3].criteria": Says("Low", "looks wrong", "nuisance"),
            "levels[P3].examples": Says("style", "misspelled", "flickers"),
        },
    ),
    Rule("response at once, all hands", {"levels[P0].respond_within": "immediate", "levels[P0].tells_everyone": True}),
    Rule("response in 1 hour", {"levels[P1].respond_within": "1 h"}),
    Rule("response in 4 hours", {"levels[P2].respond_within": "4 h"}),
    Rule("response in the next sprint", {"levels[P3].respond_within": "next sprint"}),
    Rule(
        "the infrastructure maintainer commands: scope and coordination",
        {
            "levels[P0,P1].commander.rule": "on_call",
            "levels[P0,P1].commander.schedule": "infrastructure",
            "levels[P0,P1].pages[infrastructure].policy": "infrastructure",
            "roles[commander].kind": "commander",
            "roles[commander].duties": Says("assess the scope and coordinate the response"),
        },
    ),
    Rule(
        "… with somebody who deploys, and rolls back if needed",
        {
            "levels[P0].team[deployer].from": "on_call",
            "levels[P0].team[deployer].schedule": "deployment",
            "levels[P0].team[deployer].duties": Says("roll back if it is needed"),
            "levels[P0,P1].pages[deployment].policy": "deployment",
            "roles[deployer].duties": Says("roll back"),
        },
    ),
    Rule(
        "… with somebody who looks for the cause in the systems",
        {
            "levels[P0].team[backend].from": "on_call",
            "levels[P0].team[backend].schedule": "backend",
            "levels[P0].team[backend].duties": Says("diagnose our systems"),
            "levels[P0].pages[backend].policy": "backend",
            "roles[backend].kind": "investigator",
            "roles[backend].duties": Says("root cause"),
        },
    ),
    Rule(
        "… with somebody who looks at the users' side",
        {
            "levels[P0].team[frontend].from": "on_call",
            "levels[P0].team[frontend].schedule": "frontend",
            "levels[P0].team[frontend].duties": Says("users' browsers"),
            "levels[P0].pages[frontend].policy": "frontend",
            "roles[frontend].kind": "investigator",
            "roles[frontend].duties": Says("users' side"),
        },
    ),
    Rule(
        "… with somebody who speaks to users",
        {
            "levels[P0,P1].team[support].from": "on_call",
            "levels[P0,P1].team[support].schedule": "support",
            "levels[P0].team[support].duties": Says("status page", "notify users"),
            "levels[P1].team[support].duties": Says("speak to users"),
            "levels[P0,P1].pages[support].policy": "support",
            "roles[support].kind": "comms",
            "roles[support].duties": Says("status page", "notifications"),
        },
    ),
    Rule(
        "… with somebody who briefs executives as it happens",
        {
            "levels[P0].team[briefer].from": "on_call",
            "levels[P0].team[briefer].schedule": "executive-briefer",
            "levels[P0].team[briefer].duties": Says("as it happens"),
            "levels[P0].pages[executive briefer].policy": "executive-briefer",
            "roles[briefer].duties": Says("executives", "stakeholders"),
        },
    ),
    Rule(
        "the team of P1: deployment support, the developer of the part, user communication",
        {
            "levels[P1].team[deployer].from": "on_call",
            "levels[P1].team[deployer].schedule": "deployment",
            "levels[P1].team[deployer].duties": Says("help with the deployment"),
            "levels[P1].team[developer].from": "service_owner",
            "levels[P1].team[developer].duties": Says("write the fix"),
            "levels[P1].pages[developer].policy": "service",
            "roles[developer].kind": "investigator",
            "roles[developer].duties": Says("fix"),
        },
    ),
    Rule(
        "the team of P2: the developer who writes the fix, and who verifies it; nobody commands",
        {
            "levels[P2].commander.rule": "nobody",
            "levels[P2].pages[developer].policy": "service",
            "levels[P2].team[developer].from": "service_owner",
            "levels[P2].team[developer].duties": Says("write the fix"),
            "levels[P2].team[verifier].duties": Says("verify the fix"),
            "roles[verifier].duties": Says("verify"),
        },
    ),
    Rule(
        "P3 goes to the backlog, by the planner",
        {
            "levels[P3].commander.rule": "nobody",
            "levels[P3].ticket_only": True,
            "levels[P3].team[planner].duties": Says("backlog"),
            "roles[planner].duties": Says("backlog"),
        },
    ),
    Rule(
        "detection and triage take 5 minutes",
        {
            "phases[triage].ends_after": "5 min",
            "phases[triage].output": Says("level", "team is at work"),
            "phases[triage].items[*].role": "commander",
            "levels[P0,P1,P2].acknowledge_within": "5 min",
        },
    ),
    Rule(
        "… set off by an alert, a user or an agent",
        {"phases[triage].items[set it off].text": Says("alert", "user's report", "agent")},
    ),
    Rule("… acknowledge", {"phases[triage].items[Acknowledge].text": Says("alert")}),
    Rule(
        "… how many users, which services, is data at risk",
        {
            "phases[triage].items[How many users].text": Says("users"),
            "phases[triage].items[Which services].text": Says("affected"),
            "phases[triage].items[Is data at risk].text": Says("risk"),
        },
    ),
    Rule(
        "… classify, call the team, open the channel",
        {
            "phases[triage].items[Set the level].text": Says("P0 to P3"),
            "phases[triage].items[Call the team].text": Says("team"),
            "phases[triage].items[Open the channel].text": Says("channel"),
            "levels[P0,P1,P2].chat.mode": "room",
        },
    ),
    Rule(
        "investigation from minute 5 to 30",
        {
            "phases[investigation].begins_after": "5 min",
            "phases[investigation].ends_after": "30 min",
            "phases[investigation].output": Says("root cause", "component"),
        },
    ),
    Rule(
        "… metrics, logs, recent deployments, what we depend on",
        {
            "phases[investigation].items[metrics].text": Says("processor", "memory", "network", "disk"),
            "phases[investigation].items[logs].text": Says("errors"),
            "phases[investigation].items[deployed].text": Says("lately"),
            "phases[investigation].items[depend].text": Says("well"),
        },
    ),
    Rule(
        "mitigation from minute 15 to 60, beside the investigation",
        {"phases[mitigation].begins_after": "15 min", "phases[mitigation].ends_after": "1 h"},
    ),
    Rule(
        "… support updates the status page every 15 minutes",
        {
            "levels[P0,P1].owed[public_update].within": "15 min",
            "levels[P0,P1].owed[public_update].by": "support",
            "levels[P0,P1].owed[status_update].within": "15 min",
            "levels[P0,P1].owed[status_update].by": "support",
            "levels[P0,P1].public": True,
            "phases[mitigation].items[status page].role": "support",
            "phases[mitigation].items[status page].levels": ["P0", "P1"],
            "phases[mitigation].items[status page].text": Says("every 15 minutes"),
        },
    ),
    Rule(
        "… stakeholders are briefed, at P0 alone",
        {
            "levels[P0].owed[executive_brief].by": "briefer",
            "phases[mitigation].items[Brief].role": "briefer",
            "phases[mitigation].items[Brief].levels": ["P0"],
        },
    ),
    Rule(
        "verification after the fix",
        {"phases[verification].anchor": "mitigated", "phases[verification].output": Says("confirmed", "resolved")},
    ),
    Rule(
        "… the fix works, pictures show it, nothing else broke",
        {
            "phases[verification].items[resolves the issue,Pictures,Nothing else].kind": "check",
            "phases[verification].items[resolves the issue,Pictures,Nothing else].role": "verifier",
            "phases[verification].items[resolves the issue,Pictures,Nothing else].holds": "resolve",
            "phases[verification].items[Pictures].evidence": "file",
            "roles[verifier].duties": Says("screenshots", "broke nothing else"),
        },
    ),
    Rule(
        "… metrics return to normal, nothing cascades",
        {
            "phases[verification].items[All metrics,No failure].kind": "check",
            "phases[verification].items[All metrics,No failure].role": "commander",
            "phases[verification].items[All metrics,No failure].holds": "resolve",
        },
    ),
    Rule(
        "… watched for 30 minutes before it is resolved",
        {
            "levels[P0,P1,P2].watch.for": "30 min",
            "levels[P0,P1,P2].watch.order": "before_resolved",
            "phases[verification].items[30 minutes].kind": "check",
            "phases[verification].items[30 minutes].role": "commander",
            "phases[verification].items[30 minutes].holds": "resolve",
        },
    ),
    Rule(
        "… when an API is concerned: regression, response times, error rates",
        {
            "phases[verification].items[regression,quickly,baseline].kind": "check",
            "phases[verification].items[regression,quickly,baseline].flag": "api-concerned",
            "phases[verification].items[regression,quickly,baseline].role": "api-tester",
            "phases[verification].items[regression,quickly,baseline].holds": "resolve",
            "flags[api-concerned].question": Says("API"),
            "roles[api-tester].duties": Says("regression"),
        },
    ),
    Rule(
        "a postmortem within 48 hours",
        {
            "levels[P0,P1,P2].owed[postmortem].within": "48 h",
            "phases[postmortem].anchor": "resolved",
            "phases[postmortem].ends_after": "48 h",
            "phases[postmortem].output": Says("postmortem"),
        },
    ),
    Rule(
        "… introduced, detected, resolved, and for how long users suffered",
        {"postmortem.sections[timeline].questions": Says("begin", "detected", "resolved", "For how long")},
    ),
    Rule(
        "… what failed, why, why not caught; five whys",
        {
            "postmortem.sections[root_cause].kind": "whys",
            "postmortem.sections[root_cause].questions": Says("What failed", "Why did it fail", "not caught earlier"),
        },
    ),
    Rule(
        "… impact on users, revenue, reputation, data",
        {"postmortem.sections[impact].questions": Says("users", "revenue", "reputation", "data")},
    ),
    Rule(
        "… prevention by monitoring, tests, process, infrastructure",
        {"postmortem.sections[prevention].questions": Says("monitoring", "test", "how we work", "infrastructure")},
    ),
    Rule(
        "… action items with owner and deadline",
        {
            "postmortem.sections[actions].kind": "list",
            "postmortem.sections[actions].questions": Says("by whom, by when"),
        },
    ),
    Rule(
        "… prevention goes to the backlog, by the planner",
        {
            "phases[postmortem].items[backlog].role": "planner",
            "phases[postmortem].output": Says("prevention in the backlog"),
        },
    ),
    Rule(
        "the text of a status page update",
        {
            "texts[public/update@P0].levels": ["P0", "P1"],
            "texts[public/update@P0].subject": Says("{now}", "{service}"),
            "texts[public/update@P0].text": Says("{status}", "{impact}", "{action}", "{next_update}"),
        },
    ),
    Rule(
        "the text of an executive brief, at P0 alone",
        {
            "texts[executive/update@P0].levels": ["P0"],
            "texts[executive/update@P0].subject": Says("{now}"),
            "texts[executive/update@P0].text": Says(
                "{service}", "{impact}", "{cause}", "{action}", "{eta}", "{business_impact}", "{next_update}"
            ),
        },
    ),
    Rule(
        "P0 for 30 min: the studio producer brings people and presses the vendor",
        {
            "escalations[P0 not resolved].levels": ["P0"],
            "escalations[P0 not resolved].unresolved_after": "30 min",
            "escalations[P0 not resolved].policies": ["studio-producer"],
            "escalations[P0 not resolved].expected": Says("people", "vendor"),
        },
    ),
    Rule(
        "P1 for 2 hours: the project shepherd moves people",
        {
            "escalations[P1 not resolved].levels": ["P1"],
            "escalations[P1 not resolved].unresolved_after": "2 h",
            "escalations[P1 not resolved].policies": ["project-shepherd"],
            "escalations[P1 not resolved].expected": Says("Move people"),
        },
    ),
    Rule(
        "a breach is suspected: legal assesses whether a regulator is told",
        {
            "escalations[Breach].flag": "breach-suspected",
            "escalations[Breach].policies": ["legal"],
            "escalations[Breach].expected": Says("regulator"),
            "flags[breach-suspected].question": Says("got in"),
        },
    ),
    Rule(
        "users' data is affected: legal and executive briefing, GDPR and CCPA",
        {
            "escalations[data affected].flag": "user-data-affected",
            "escalations[data affected].policies": ["legal", "executive-briefer"],
            "escalations[data affected].expected": Says("GDPR", "CCPA"),
            "flags[user-data-affected].question": Says("data of users"),
        },
    ),
    Rule(
        "much revenue is lost: finance and the studio producer work out what it costs",
        {
            "escalations[revenue].policies": ["finance", "studio-producer"],
            "escalations[revenue].expected": Says("costs the business"),
        },
    ),
]


@pytest.mark.django_db
def test_the_rows_hold_every_rule() -> None:
    assert broken_rules(RULES, apply_preset("response-teams")) == []


def test_no_line_can_go_without_a_rule_failing() -> None:
    assert survivors(RULES, "response-teams") == []
