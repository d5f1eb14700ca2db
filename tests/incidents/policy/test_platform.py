"""Every rule of document 002, asserted from the rows that its preset makes; and lost with its line."""

import pytest

from tests.factories.policy import apply_preset
from tests.incidents.policy.rules import Rule, Says, broken_rules, survivors

BOTH = ["SEV1", "SEV2"]
RULES = [
    Rule(
        "four levels, the first the worst",
        {"levels[SEV1].rank": 1, "levels[SEV2].rank": 2, "levels[SEV3].rank": 3, "levels[SEV4].rank": 4},
    ),
    Rule(
        "down for all customers: the database, the control plane",
        {
            "levels[SEV1].criteria": Says("down", "all customers"),
            "levels[SEV1].examples": Says("database", "control plane"),
        },
    ),
    Rule(
        "much degraded for many: the analysis engine, agents that disconnect",
        {
            "levels[SEV2].criteria": Says("degraded", "many customers"),
            "levels[SEV2].examples": Says("analysis engine", "Agents lose"),
        },
    ),
    Rule(
        "partly degraded for some: one tenant, errors that come and go",
        {
            "levels[SEV3].criteria": Says("part is degraded", "some customers"),
            "levels[SEV3].examples": Says("single tenant", "come and go"),
        },
    ),
    Rule(
        "minor, with a way around: looks, a feature that is not critical",
        {"levels[SEV4].criteria": Says("small", "way around"), "levels[SEV4].examples": Says("looks odd", "few need")},
    ),
    Rule("response at once", {"levels[SEV1].respond_within": "immediate"}),
    Rule("response in 15 min", {"levels[SEV2].respond_within": "15 min"}),
    Rule("response in 1 hour", {"levels[SEV3].respond_within": "1 h"}),
    Rule("response on the next business day", {"levels[SEV4].respond_within": "next business day"}),
    Rule(
        "detected by alerts: rates of errors, latency, restarts of pods",
        {
            "links[errors,latency,restarts].kind": "dashboard",
            "links[errors].url": Says("{service}/errors"),
            "links[latency].url": Says("{service}/latency"),
            "links[restarts].url": Says("{service}/restarts"),
            "links[errors].hint": Says("spike"),
            "links[latency].hint": Says("rises"),
            "links[restarts].hint": Says("More"),
        },
    ),
    Rule(
        "… by health endpoints",
        {
            "links[Health endpoints].kind": "status",
            "links[Health endpoints].url": Says("{service}"),
            "links[Health endpoints].hint": Says("does not answer"),
        },
    ),
    Rule(
        "… by the objective for connections of agents",
        {
            "links[agents].kind": "dashboard",
            "links[agents].url": Says("agents"),
            "links[agents].hint": Says("objective"),
        },
    ),
    Rule(
        "… by tickets of customers",
        {
            "links[Tickets].kind": "other",
            "links[Tickets].url": Says("support"),
            "links[Tickets].hint": Says("same complaint"),
        },
    ),
    Rule(
        "… by the investigating tool that finds a trouble of the whole system",
        {
            "links[Investigating tool].kind": "other",
            "links[Investigating tool].url": Says("tools"),
            "links[Investigating tool].hint": Says("System health", "fleet summary", "whole system"),
        },
    ),
    Rule(
        "triage takes the first five minutes",
        {"phases[triage].ends_after": "5 min", "phases[triage].output": Says("level")},
    ),
    Rule("… the scope: how many customers", {"phases[triage].items[How many customers].command": "get_fleet_summary"}),
    Rule("… the component: which service", {"phases[triage].items[Which component].command": "get_system_health"}),
    Rule(
        "… recent changes: was anything deployed, in core and agents",
        {
            "phases[triage].items[deployed lately].command": "helm history {release} -n {namespace}",
            "phases[triage].items[deployed lately].text": Says("core", "agents"),
        },
    ),
    Rule(
        "… then set the level and notify",
        {"phases[triage].items[Set the level].text": Says("tell those who must know")},
    ),
    Rule("quick mitigations to choose from", {"phases[mitigation].items[Stop the bleeding].text": Says("catalogue")}),
    Rule(
        "… roll back when a bad deploy caused it",
        {
            "mitigations[rollback].when": Says("bad deploy"),
            "mitigations[rollback].command": "helm rollback {release} {revision} -n {namespace}",
        },
    ),
    Rule(
        "… scale down when the bleeding must stop",
        {
            "mitigations[scale-down].when": Says("must stop"),
            "mitigations[scale-down].command": Says("scale down --env {environment}"),
        },
    ),
    Rule(
        "… restart when a process is stuck or leaks",
        {
            "mitigations[restart].when": Says("stuck", "leaks memory"),
            "mitigations[restart].command": "kubectl rollout restart deployment/{service} -n {namespace}",
        },
    ),
    Rule(
        "a provider of language models is down: look at its status page",
        {
            "runbooks[provider-outage].symptoms": Says("Analyses wait", "status page"),
            "runbooks[provider-outage].actions[status page].text": Says("provider"),
        },
    ),
    Rule(
        "… the engine queues work and tries again later and later",
        {"runbooks[provider-outage].actions[queue].text": Says("tries again", "later")},
    ),
    Rule(
        "… customers: analyses complete once the provider is back",
        {"runbooks[provider-outage].customers": Says("completed as soon as the provider has recovered")},
    ),
    Rule(
        "… nothing to do unless it lasts longer than 1 hour",
        {
            "runbooks[provider-outage].act_after": "1 h",
            "runbooks[provider-outage].actions[Do nothing].text": Says("more than an hour"),
        },
    ),
    Rule(
        "a postmortem after every SEV1 and SEV2",
        {"levels[SEV1,SEV2].owed[postmortem].what": "postmortem", "phases[postmortem].anchor": "resolved"},
    ),
    Rule(
        "… when detected, mitigated, resolved",
        {
            "phases[postmortem].items[detected].levels": BOTH,
            "postmortem.sections[timeline].questions": Says("detected", "mitigated", "resolved"),
        },
    ),
    Rule(
        "… the root cause",
        {
            "phases[postmortem].items[root cause].levels": BOTH,
            "postmortem.sections[root_cause].questions": Says("behind it"),
        },
    ),
    Rule(
        "… action items so that it does not come back",
        {
            "phases[postmortem].items[action items].levels": BOTH,
            "postmortem.sections[prevention].kind": "list",
            "postmortem.sections[prevention].questions": Says("keep it from coming back"),
        },
    ),
    Rule(
        "… runbooks updated when it failed in a new way",
        {
            "phases[postmortem].items[update the runbooks].levels": BOTH,
            "phases[postmortem].items[update the runbooks].flag": "new-failure-mode",
            "flags[new-failure-mode].question": Says("never seen"),
            "flags[new-failure-mode].asked": "after",
            "flags[new-failure-mode].is_new_failure": True,
            "postmortem.sections[runbooks].questions": Says("new way to fail"),
        },
    ),
]


@pytest.mark.django_db
def test_the_rows_hold_every_rule() -> None:
    assert broken_rules(RULES, apply_preset("platform")) == []


def test_no_line_can_go_without_a_rule_failing() -> None:
    assert survivors(RULES, "platform") == []
