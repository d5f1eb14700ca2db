"""Document 003, played: its catalogue, its symptoms, its three scenarios at SEV0, and the words for others.

Times are Berlin wall time on Monday, 15 June 2026.
"""

import pytest
from django.conf import settings

from comms.enums import MessageKind
from core.errors import WrongState
from incidents.actions.flag import raise_flag
from incidents.actions.mitigation import answer_mitigation, start_mitigation
from incidents.actions.public_word import tell_public
from incidents.actions.reopen import reopen_incident
from incidents.actions.runbook import decide, take_up_runbook
from incidents.actions.status import close_as_no_incident, resolve_incident, stop_bleeding
from incidents.actions.text import texts_to_copy, words_for
from incidents.enums import Occasion, PromiseKind, TextAudience
from incidents.export.texts import Said
from incidents.models import Incident
from incidents.queries.declaration import declaration
from incidents.views.links import links_of
from tests.journeys.cast import by_web
from tests.journeys.sink import Sink
from tests.journeys.stage import (
    Stage,
    asked,
    commands,
    owed,
    owes,
    posted,
    room_of,
    rung,
    tick,
    words_to,
)
from tests.journeys.test_policy_phases import BEGINS as BEGINS
from tests.journeys.test_policy_phases import PRESET as PRESET
from tests.journeys.test_policy_phases import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]
ERRORS, SUCCESS = "Errors below 1 % within 5 min", "More than 95 % of what users start succeeds"
AGENTS = "https://agents.example.com"


def who(lines: list[str]) -> list[str]:
    """Whom lines of `rung` are about."""
    return [line.rpartition(": ")[2] for line in lines]


# --- finding the cause, and stopping the bleeding ------------------------------------------------------------------


def test_where_to_look_first(stage: Stage) -> None:
    """3.10: deployments of a day, metrics, logs, the host's status."""
    incident = stage.declare("SEV2", at("14:00"))
    shown = links_of(room_of(incident, stage.on_call("owner"), at("14:10")))

    begin, end = "from=2026-06-15T11%3A00%3A00Z", "to=2026-06-15T12%3A10%3A00Z"
    assert {link.name: link.url for link in shown} == {
        "Recent deployments": f"https://deploys.example.com/checkout?{begin}",
        "Metrics": f"https://dashboards.example.com/checkout?{begin}&{end}",
        "Errors in the logs": f"https://logs.example.com/?q=service:checkout+status:error&{begin}&{end}",
        "The host's status": "https://status.host.example.com/",
    }


def test_from_what_is_seen_to_what_is_likely(stage: Stage) -> None:
    """3.11."""
    incident = stage.declare("SEV2", at("14:00"))
    symptoms = room_of(incident, stage.on_call("owner"), at("14:10")).work.symptoms

    assert [(row.cause, row.look) for row in symptoms] == [
        ("Connections are used up", "The size of the pool beside the load"),
        ("Slow queries, or one query for each row", "The log of slow queries"),
        ("A leak of memory", "Memory over some hours"),
        ("A deployment", "The version in use beside the one before"),
        ("Infrastructure", "The status of the host and of the cloud"),
    ]


@pytest.mark.parametrize(
    ("option", "when", "risk", "speed", "command", "target", "looked_at"),
    [
        (
            "configuration",
            "A setting is known to be wrong",
            "low",
            "fast, minutes",
            "host variables set POOL_SIZE=50 --service api",
            ERRORS,
            "14:15",
        ),
        (
            "rollback",
            "A recent deployment caused it",
            "medium",
            "fast, 5-10 min",
            f"curl -X POST {AGENTS}/deployer -d action=rollback -d service=api -d version=41",
            ERRORS,
            "14:15",
        ),
        ("scale-up", "A resource is used up", "low", "medium, 10-15 min", "", SUCCESS, "14:25"),
        (
            "feature-flag",
            "One feature causes it",
            "low",
            "fast, seconds",
            "curl -X PATCH https://flags.example.com/bulk -d enabled=false",
            ERRORS,
            "14:15",
        ),
        (
            "restart",
            "It is unknown and may pass",
            "medium",
            "fast, 1-5 min",
            "",
            "The health endpoint says that all is well",
            "14:15",
        ),
        ("failover", "The primary system has failed", "high", "medium, 10-20 min", "", SUCCESS, "14:25"),
    ],
)
def test_six_mitigations(
    stage: Stage, option: str, when: str, risk: str, speed: str, command: str, target: str, looked_at: str
) -> None:
    """3.12: when, how dangerous, how quick; the effect is looked at after five or fifteen minutes."""
    incident = stage.declare("SEV2", at("14:00"))
    owner = by_web(stage.on_call("owner"))
    shown = room_of(incident, stage.on_call("owner"), at("14:05")).work.option(option)
    assert shown is not None
    assert (shown.when, shown.risk, shown.speed) == (when, risk, speed)
    values = {"host_tool": "host", "name": "POOL_SIZE", "value": "50", "service": "api", "feature": "bulk"}
    values |= {"agents_url": AGENTS, "flags_url": "https://flags.example.com", "version": "41"}

    mitigation = start_mitigation(incident, by=owner, now=at("14:10"), option=option, values=values)

    assert mitigation is not None
    assert (mitigation.command, mitigation.target) == (command, target)
    assert owed(incident)[PromiseKind.MITIGATION] == at(looked_at)
    answer_mitigation(incident, by=owner, now=at("14:15"), number=mitigation.number, outcome="effective")
    assert PromiseKind.MITIGATION not in owed(incident)


# --- three scenarios -----------------------------------------------------------------------------------------------


def test_three_scenarios_are_declared_at_the_top(stage: Stage) -> None:
    """3.15: how each looks, and that it is SEV0."""
    offer = declaration()
    assert offer is not None
    assert [
        (runbook.slug, runbook.level, runbook.symptoms.split(";")[0].split(",")[0]) for runbook in offer.runbooks
    ] == [
        ("complete-outage", "SEV0", "All services answer with 5xx"),
        ("database-failure", "SEV0", "Connections fail"),
        ("security-breach", "SEV0", "Access that nobody gave"),
    ]


@pytest.mark.parametrize(
    ("runbook", "steps"),
    [
        (
            "complete-outage",
            [
                "Declare SEV0 and page",
                "Look at the host's",
                "See whether the database",
                "See whether names resolve",
                "Look at what was",
                "If a deployment did",
                "If the infrastructure did",
                "Tell customers within 5",
            ],
        ),
        (
            "database-failure",
            [
                "Look at the database's",
                "See which is primary,",
                "Look for queries that",
                "If the cluster is",
                "If connections are used",
                "If queries are slow,",
                "After failing over, watch",
            ],
        ),
        (
            "security-breach",
            [
                "Say NOTHING in public",
                "Rotate all keys and",
                "Look through the audit",
                "Cut off affected services",
                "Call the security team",
                "Keep the evidence -",
                "Prepare the word to",
            ],
        ),
    ],
)
def test_the_quick_actions_of_each(stage: Stage, runbook: str, steps: list[str]) -> None:
    """3.15."""
    incident = stage.declare("SEV0", at("14:00"))
    take_up_runbook(incident, by=by_web(stage.on_call("engineering-lead")), now=at("14:03"), runbook=runbook)

    assert asked(incident)[f"runbook-{runbook}"] == steps
    query = "SELECT * FROM pg_stat_activity WHERE state = 'active' AND query_start < now() - interval '5 minutes'"
    copied = {"complete-outage": ["dig {domain}"], "database-failure": [query], "security-breach": []}
    assert commands(incident)[3:] == copied[runbook]


def test_a_database_that_fails_is_decided_within_ten_minutes_or_the_lead_is_rung(stage: Stage) -> None:
    """3.15."""
    incident = stage.declare("SEV0", at("14:00"), "The database fails")
    owner = by_web(stage.on_call("owner"))
    take_up_runbook(incident, by=owner, now=at("14:03"), runbook="database-failure")
    decision = incident.promises.undone().get(kind=PromiseKind.CRITICAL)
    assert decision.due_at == at("14:13")

    tick(at("14:12:59"))
    assert [line for line in rung(at("14:10")) if "decide" in line] == []
    tick(at("14:13"))
    tick(at("14:13:01"))
    assert who([line for line in rung(at("14:13")) if "decide" in line]) == ["engineering-lead"]

    decide(incident, by=owner, now=at("14:14"), decision=decision.subject_key, text="Fail over.")
    assert PromiseKind.CRITICAL not in owed(incident)


def test_a_breach_is_private_before_executive_legal_and_security_are_rung(stage: Stage) -> None:
    """3.15: the scenario's privacy wins over whatever its level would tell."""
    incident = stage.declare("SEV1", at("14:00"), "Odd access to the audit log")
    owner = by_web(stage.on_call("owner"))
    assert PromiseKind.PUBLIC_UPDATE in owed(incident)
    take_up_runbook(incident, by=owner, now=at("14:02"), runbook="security-breach")
    tick(at("14:02"))

    incident.refresh_from_db()
    assert incident.audience is not None
    fresh = [line for line in rung(at("14:02")) if "reach" in line or "somebody" in line.lower()]
    assert sorted(who(fresh)) == ["executive", "legal", "security"]
    assert PromiseKind.PUBLIC_UPDATE not in owed(incident)
    with pytest.raises(WrongState):
        tell_public(incident, by=owner, now=at("14:03"), text="We look into it.")


def test_a_breach_that_is_suspected_rings_the_same_three(stage: Stage) -> None:
    """3.15: asked at triage; whoever is rung reads what is expected."""
    incident = stage.declare("SEV1", at("14:00"))
    seen = room_of(incident, stage.on_call("owner"), at("14:01"))
    assert [flag.question for flag in seen.scenario.flags] == ["Is there any sign that somebody got in?"]

    raise_flag(incident, by=by_web(stage.on_call("owner")), now=at("14:02"), flag="breach-suspected")
    tick(at("14:02"))

    assert sorted(who([line for line in rung(at("14:02")) if "reach" in line])) == ["executive", "legal", "security"]
    for schedule in ("executive", "legal", "security"):
        page = words_to(stage.on_call(schedule), MessageKind.PAGE)
        assert "Assess it before anything is said in public" in page


def test_a_breach_that_was_none_and_comes_back_rings_the_same_three_by_its_scenario(stage: Stage) -> None:
    """3.15: the suspicion rang them once and was over; the scenario rings them itself."""
    incident = stage.declare("SEV1", at("14:00"), "Odd access to the audit log")
    owner = by_web(stage.on_call("owner"))
    raise_flag(incident, by=owner, now=at("14:02"), flag="breach-suspected")
    close_as_no_incident(incident, by=owner, now=at("14:20"), reason="It was our own audit")
    reopen_incident(incident, by=owner, now=at("15:00"), reason="Somebody reads what they should not")
    tick(at("15:00"))
    assert [line for line in rung(at("14:20")) if "reach" in line] == []

    take_up_runbook(incident, by=owner, now=at("15:01"), runbook="security-breach")
    tick(at("15:01"))

    assert sorted(who(rung(at("15:01")))) == ["executive", "legal", "security"]


# --- words for others ----------------------------------------------------------------------------------------------


FIRST_BY = "Next update by 14:05 CEST."


@pytest.mark.parametrize(
    ("level", "words"),
    [
        ("SEV0", ["Commander: @engineering-lead", "Come to {room}.", FIRST_BY]),
        ("SEV1", ["Status: Investigating", "Commander: @senior-engineer", "War room: {room}", FIRST_BY]),
        ("SEV2", ["Status: Investigating", "Commander: @owner", "War room: {room}", FIRST_BY]),
        ("SEV3", ["Status: Investigating", "Commander: @owner", "War room: {room}", FIRST_BY]),
    ],
)
def test_the_first_and_the_last_word_inside(stage: Stage, sink: Sink, level: str, words: list[str]) -> None:
    """3.7, 3.14: who commands, and where; then what ended it, and thanks."""
    incident = stage.declare(level, at("14:00"))
    room = f"{settings.MUSTER_URL}{incident.get_absolute_url()}"
    assert [post["body"].splitlines() for post in posted(sink, MessageKind.THREAD)] == [
        [line.replace("{room}", room) for line in words]
    ]

    resolve_incident(incident, by=by_web(stage.on_call("owner")), now=at("14:30"), reason="50 connections")
    tick(at("14:30:01"))

    last = posted(sink, MessageKind.STATUS_UPDATE)[-1]["body"].splitlines()
    assert last[:3] == [
        "What ended it: 50 connections",
        "It has been stable for 30 min.",
        "Next: the postmortem meeting, and action items.",
    ]
    assert last[3].startswith("Thanks to @")
    invitation = words_for(TextAudience.INTERNAL, Occasion.MEETING, incident, Said(), now=at("15:00"))
    assert invitation == "We go through the timeline, the root cause and the action items. Nobody is blamed."


@pytest.mark.parametrize("level", ["SEV0", "SEV1"])
def test_customers_hear_of_the_beginning_and_of_the_end_in_the_words_of_the_policy(stage: Stage, level: str) -> None:
    """3.7, 3.17."""
    incident = stage.declare(level, at("14:00"), "Workflows cannot be started")
    lead = by_web(stage.on_call("engineering-lead"))

    tell_public(incident, by=lead, now=at("14:04"))
    assert owed(incident)[PromiseKind.PUBLIC_UPDATE] == at("14:19")
    stop_bleeding(incident, by=lead, now=at("14:20"))
    resolve_incident(incident, by=lead, now=at("14:30"), reason="a quiet service")
    tell_public(incident, by=lead, now=at("14:31"))

    first, last = incident.status_updates.order_by("pk").values_list("public_text", flat=True)
    assert first == "There is trouble with Checkout.\nWe are looking into it.\nNext update by 14:19 CEST."
    assert last == "It is over. All services work as they should.\nWe apologize for the trouble."
    assert [line for line in owes(incident) if "public" in line] == []


@pytest.mark.parametrize("level", ["SEV0", "SEV1"])
def test_while_the_status_page_is_down_there_are_words_for_other_ways(stage: Stage, level: str) -> None:
    """3.9: for social media and for mail, ready to copy, at the upper two."""
    incident = stage.declare(level, at("14:00"))
    ready = {text.audience.value: text for text in texts_to_copy(incident, now=at("14:01"))}
    assert list(ready) == ["public", "social", "customers"]
    assert ready["public"].subject == "Investigating: Checkout"
    upcoming = "Next update by 14:16 CEST."
    assert ready["social"].text == f"We know that Checkout has trouble and are looking into it.\n{upcoming}"
    assert ready["customers"].subject == "Checkout: we are looking into it"
    assert ready["customers"].text == f"Our status page cannot be reached either, so we write to you.\n{upcoming}"

    resolve_incident(incident, by=by_web(stage.on_call("owner")), now=at("14:30"), reason="a quiet service")
    incident.refresh_from_db()
    [over] = texts_to_copy(incident, now=at("14:31"))
    assert (over.audience, over.subject) == (TextAudience.PUBLIC, "Resolved: Checkout")
    assert over.text == "It is over. All services work as they should.\nWe apologize for the trouble."


def test_a_lesser_one_has_no_words_for_others(stage: Stage) -> None:
    """3.7: customers hear of the upper two alone."""
    assert texts_to_copy(stage.declare("SEV2", at("14:00")), now=at("14:01")) == []


def test_whom_to_reach_and_how_soon_they_answer(stage: Stage) -> None:
    """3.16: beside the room."""
    incident = stage.declare("SEV2", at("14:00"))
    seen = room_of(incident, stage.on_call("owner"), at("14:01"))
    assert [(row.role, row.method, row.within) for row in seen.contacts] == [
        ("On-call engineer", "Page", "5 min"),
        ("Engineering lead", "Page, then phone", "10 min"),
        ("Platform team", "Chat, @platform-team", "15 min"),
        ("The host's support", "Mail, support@host.example.com", "30 min"),
        ("Executive, at SEV0", "Phone tree", "15 min"),
    ]


def test_the_lower_levels_have_no_such_words(stage: Stage) -> None:
    """3.7: the public hears of the top two by themselves; a SEV4 is a ticket."""
    small, ticket = stage.declare("SEV2", at("14:00")), stage.declare("SEV4", at("14:00"))

    def ready(incident: Incident, audience: TextAudience, occasion: Occasion) -> str:
        return words_for(audience, occasion, incident, Said(), now=at("14:05"))

    first = ready(small, TextAudience.PUBLIC, Occasion.DECLARED)
    assert first == "We are looking into a problem.\nAffected: Checkout"
    assert ready(small, TextAudience.PUBLIC, Occasion.RESOLVED) == "This is resolved."
    assert ready(ticket, TextAudience.INTERNAL, Occasion.RESOLVED) == ""
