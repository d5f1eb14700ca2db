"""Document 002, played: the analysis engine fails, SEV2; each level on the clock; a provider that is down.

Times are Berlin wall time; 15 May 2026 is a Friday.
"""

from datetime import date, datetime

import pytest

from escalation.actions.page import acknowledge_page
from incidents.actions.checklist.check import tick_item
from incidents.actions.flag import lower_flag, raise_flag
from incidents.actions.mitigation import start_mitigation
from incidents.actions.runbook import take_up_runbook
from incidents.actions.status import close_incident, resolve_incident, stop_bleeding
from incidents.queries.scenario import act_at
from incidents.views.links import links_of
from postmortems.models import ActionItem
from tests.journeys.cast import by_web
from tests.journeys.stage import (
    Stage,
    asked,
    asked_of_people,
    boxes,
    checklist_of,
    chosen_by,
    commands,
    goes_on_at,
    moment,
    owes,
    page_of,
    room_of,
    rung,
    tick,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]
PRESET = "platform"
AFTERWARDS = [
    "Write down when it",
    "Find the root cause",
    "Agree on action items",
]


def at(clock: str, day: int = 15) -> datetime:
    return moment(date(2026, 5, day), clock)


BEGINS = at("09:00")


def test_whoever_declares_reads_how_soon_work_begins(stage: Stage) -> None:
    """2.1: at once, a quarter of an hour, an hour, the next business day."""
    assert chosen_by() == {
        "SEV1": "Rings primary; an answer is owed within 5 min. Response: immediate.",
        "SEV2": "Rings primary; an answer is owed within 5 min. Response: 15 min.",
        "SEV3": "Rings primary; an answer is owed within 15 min. Response: 1 h.",
        "SEV4": "Rings nobody. Response: next business day. A ticket does.",
    }


@pytest.mark.parametrize(
    ("level", "owed", "afterwards"),
    [
        ("SEV1", [], AFTERWARDS),  # at once: there is no moment to wait for
        ("SEV2", ["Fri 14:15 respond: commander"], AFTERWARDS),
        ("SEV3", ["Fri 15:00 respond: commander"], []),
        ("SEV4", ["Mon 17:00 respond: commander"], []),  # the next business day after a Friday
    ],
)
def test_each_level_responds_in_its_time(stage: Stage, level: str, owed: list[str], afterwards: list[str]) -> None:
    """2.1, 2.3, 2.4: all go through triage and mitigation; what is written down afterwards is for two levels."""
    incident = stage.declare(level, at("14:00"))

    assert owes(incident) == owed
    assert rung() == ([] if level == "SEV4" else ["14:00 primary: owner"])
    assert asked(incident) == {
        "triage": [
            "How many customers are",
            "Which component is degraded?",
            "Was anything deployed lately?",
            "Set the level and",
        ],
        "mitigation": ["Stop the bleeding by"],
        **({"postmortem": afterwards} if afterwards else {}),
    }


@pytest.mark.parametrize(("level", "owed"), [("SEV1", True), ("SEV2", True), ("SEV3", False), ("SEV4", False)])
def test_the_upper_two_owe_a_postmortem(stage: Stage, level: str, owed: bool) -> None:
    """2.6."""
    incident = stage.declare(level, at("14:00"))
    resolve_incident(incident, by=by_web(stage.on_call("owner")), now=at("15:00"))

    assert owes(incident) == (["Fri 17:00 postmortem: commander"] if owed else [])
    assert [row.due_at for row in incident.promises.undone()] == ([at("17:00", day=22)] if owed else [])


@pytest.mark.parametrize(("level", "asks"), [("SEV1", True), ("SEV2", True), ("SEV3", False)])
def test_a_failure_that_was_new_asks_for_the_runbooks(stage: Stage, level: str, asks: bool) -> None:
    """2.6: asked once it is over, where a postmortem is written."""
    incident, owner = stage.declare(level, at("14:00")), by_web(stage.on_call("owner"))
    question = "Is this a failure that we had never seen before?"
    assert question not in asked_of_people(incident, at("14:01"))
    resolve_incident(incident, by=owner, now=at("14:04"))
    assert (question in asked_of_people(incident, at("14:04"))) == asks

    raise_flag(incident, by=owner, now=at("14:05"), flag="new-failure-mode")

    last = asked(incident).get("postmortem", [""])[-1]
    assert last == ("It failed in a" if asks else "")
    items = ActionItem.objects.filter(postmortem__incident=incident)
    assert [item.text for item in items] == (["Write a runbook for: It is odd"] if asks else [])


def test_trouble_is_seen_by_machines_and_by_people(stage: Stage) -> None:
    """2.2: error rates, latency, restarts, health, the agents' connections; tickets, and the investigating tool."""
    incident = stage.declare("SEV2", at("14:00"))
    shown = links_of(room_of(incident, stage.on_call("owner"), at("14:30")))

    span = "from=2026-05-15T11%3A00%3A00Z&to=2026-05-15T12%3A30%3A00Z"
    assert {link.name: link.url for link in shown} == {
        "Rates of errors": f"https://dashboards.example.com/checkout/errors?{span}",
        "Latency": f"https://dashboards.example.com/checkout/latency?{span}",
        "Restarts of pods": f"https://dashboards.example.com/checkout/restarts?{span}",
        "Health endpoints": "https://health.example.com/checkout",
        "Connections of agents": f"https://dashboards.example.com/agents?{span}",
        "Tickets of customers": "https://support.example.com/search?q=checkout",
        "Investigating tool": "https://tools.example.com/investigate",
    }


def test_the_sev2_of_the_document_from_triage_to_the_postmortem(stage: Stage) -> None:
    """2.3, 2.4, 2.6: five minutes of triage, a quick mitigation, then what is written down afterwards."""
    incident = stage.declare("SEV2", at("14:00"), "The analysis engine fails")
    owner = by_web(stage.on_call("owner"))
    assert goes_on_at() == ["14:05 primary"]
    acknowledge_page(page_of("primary"), by=owner, now=at("14:01"))
    assert incident.commander == owner.user
    assert boxes(incident) == {
        "triage": (at("14:00"), at("14:05")),
        "mitigation": (at("14:00"), None),
        "postmortem": (None, None),
    }
    assert commands(incident) == [
        "get_fleet_summary",
        "get_system_health",
        "helm history {release} -n {namespace}",
    ]

    for item in checklist_of(incident)[0].items:
        tick_item(incident, by=owner, now=at("14:04"), number=item.number)
    assert checklist_of(incident)[0].to_do == []
    assert owes(incident) == []
    stop_bleeding(incident, by=owner, now=at("14:30"))
    resolve_incident(incident, by=owner, now=at("15:00"))
    lower_flag(incident, by=owner, now=at("15:01"), flag="new-failure-mode")
    close_incident(incident, by=owner, now=at("15:01"))

    assert owes(incident) == ["Fri 17:00 postmortem: commander"]
    incident.refresh_from_db()
    moments = (incident.declared_at, incident.mitigated_at, incident.resolved_at)
    assert moments == (at("14:00"), at("14:30"), at("15:00"))
    assert boxes(incident)["postmortem"] == (at("15:00"), None)


@pytest.mark.parametrize(
    ("option", "when", "command"),
    [
        ("rollback", "A bad deploy caused it", "helm rollback core 41 -n core-prod"),
        ("scale-down", "The bleeding must stop now", "deployer scale down --env prod"),
        ("restart", "A process is stuck, or leaks memory", "kubectl rollout restart deployment/analysis -n core-prod"),
    ],
)
def test_three_quick_mitigations(stage: Stage, option: str, when: str, command: str) -> None:
    """2.4: each with its time and its command; the document gives no time after which somebody looks."""
    incident = stage.declare("SEV1", at("14:00"), "The control plane has crashed")
    owner = by_web(stage.on_call("owner"))
    shown = room_of(incident, stage.on_call("owner"), at("14:05")).work.option(option)
    assert shown is not None
    assert shown.when == when
    values = {"release": "core", "revision": "41", "namespace": "core-prod", "service": "analysis"}
    values |= {"deploy_tool": "deployer", "environment": "prod"}

    mitigation = start_mitigation(incident, by=owner, now=at("14:10"), option=option, values=values)

    assert mitigation is not None
    assert mitigation.command == command
    assert owes(incident) == []


def test_a_provider_that_is_down_is_waited_for_an_hour(stage: Stage) -> None:
    """2.5: look at its status, see that the queue tries again, and do nothing for an hour."""
    incident = stage.declare("SEV2", at("14:00"), "The provider of language models is down")
    owner = stage.on_call("owner")
    offered = room_of(incident, owner, at("14:02")).scenario.others[0]
    assert offered.symptoms == "Analyses wait; the provider's status page says why."

    taken = take_up_runbook(incident, by=by_web(owner), now=at("14:03"), runbook="provider-outage")
    tick(at("14:59"))

    assert act_at(incident, taken.runbook) == at("15:00")
    assert taken.runbook.customers == "Analyses will be completed as soon as the provider has recovered."
    assert incident.entries.filter(text__contains="there is nothing to do before 15:00").count() == 1
    assert asked(incident)["runbook-provider-outage"] == [
        "Look at the provider's",
        "See that the analysis",
        "Do nothing else unless",
    ]
