"""Document 003, played: “API error rate spike”, SEV2, through its five phases; then its three scenarios at SEV0.

Times are Berlin wall time on Monday, 15 June 2026.
"""

from datetime import date, datetime

import pytest

from accounts.actor import Actor
from comms.enums import MessageKind
from core.errors import InvalidInput, WrongState
from escalation.actions.page import acknowledge_page
from escalation.models import RotationMember
from incidents.actions.checklist.check import tick_item
from incidents.actions.hypothesis import add_hypothesis
from incidents.actions.mitigation import answer_mitigation, start_mitigation
from incidents.actions.public_word import tell_public
from incidents.actions.runbook import decide, take_up_runbook
from incidents.actions.status import close_incident, resolve_incident, stop_bleeding
from incidents.actions.status_update import post_status_update
from incidents.enums import ChatMode, Gate, PromiseKind
from incidents.models import Incident
from tests.journeys.cast import by_web
from tests.journeys.sink import Sink
from tests.journeys.stage import Stage, checklist_of, moment, owed, page_of, roles, rung, tick, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]
PRESET = "phases"


def at(clock: str, day: int = 15) -> datetime:
    return moment(date(2026, 6, day), clock)


BEGINS = at("09:00")


def boxes(incident: Incident) -> dict[str, tuple[datetime | None, datetime | None]]:
    """{phase: its time box}."""
    return {part.key: (part.begins_at, part.ends_at) for part in checklist_of(incident)}


def tick_all(incident: Incident, gate: Gate, *, by: Actor, now: datetime) -> list[str]:
    """Tick what holds `gate` back, and say what it was."""
    held = [row for part in checklist_of(incident) for row in part.to_do if row.holds == gate]
    for row in held:
        tick_item(incident, by=by, now=now, number=row.number)
    return [row.text for row in held]


@pytest.mark.parametrize(
    ("level", "paged", "commander", "respond"),
    [
        (
            "SEV0",
            [
                "on-call engineer: owner",
                "engineering lead: engineering-lead",
                "executive: executive",
                "platform team: platform-team",
            ],
            "engineering-lead",
            None,
        ),
        (
            "SEV1",
            ["on-call engineer: owner", "engineering lead: engineering-lead", "senior engineer: senior-engineer"],
            "senior-engineer",
            "14:05",
        ),
        ("SEV2", ["on-call engineer: owner"], "owner", "14:15"),
        ("SEV3", ["on-call engineer: owner"], "owner", "15:00"),
    ],
)
def test_who_is_paged_who_commands_and_how_soon(
    stage: Stage, level: str, paged: list[str], commander: str, respond: str | None
) -> None:
    """3.1, 3.8, 3.17: a commander by a rule of the level, leadership at the top two, the first word in five min."""
    incident = stage.declare(level, at("14:00"))

    assert rung() == [f"14:00 {line}" for line in paged]
    assert roles(incident)["commander"] == commander
    assert owed(incident).get(PromiseKind.RESPOND) == (at(respond) if respond else None)
    assert owed(incident)[PromiseKind.FIRST_UPDATE] == at("14:05")
    assert owed(incident).get(PromiseKind.PUBLIC_UPDATE) == (at("14:05") if level in {"SEV0", "SEV1"} else None)


def test_a_sev4_is_a_ticket_and_rings_nobody(stage: Stage) -> None:
    incident = stage.declare("SEV4", at("14:00"))
    assert (rung(), owed(incident), incident.level.ticket_only) == ([], {}, True)


def test_at_sev0_an_executive_stands_beside_the_commander_and_everybody_is_told(stage: Stage) -> None:
    """3.1, 3.8."""
    incident = stage.declare("SEV0", at("14:00"))

    assert roles(incident) == {"commander": "engineering-lead", "executive": "executive", "responder": "owner"}
    assert told(stage.on_call("legal"), MessageKind.NOTICE) == 1


def test_a_page_goes_on_after_two_minutes_and_the_backup_commands(stage: Stage) -> None:
    """0.2, 3.3, 3.9: nobody is on call as senior engineer, so the rotation's backup commands after two minutes."""
    RotationMember.objects.filter(user=stage.on_call("senior-engineer")).delete()
    incident = stage.declare("SEV1", at("14:00"))
    assert incident.commander is None

    tick(at("14:01:59"))
    assert incident.commander is None
    tick(at("14:02"))

    assert incident.commander == stage.on_call("platform")


def test_the_sev2_of_the_document_through_its_five_phases(stage: Stage, sink: Sink) -> None:
    """3.2, 3.6, 3.13: boxes on the clock, updates every quarter of an hour, checks and a watch before “resolved”."""
    incident = stage.declare("SEV2", at("14:00"), "API error rate spike")
    owner = by_web(stage.on_call("owner"))
    assert incident.reference == "INC-20260615-0001"
    assert incident.level.chat_mode == ChatMode.ROOM
    assert [post["facts"]["room"] for post in sink.posts if post["kind"] == MessageKind.THREAD] == [
        "incident-20260615-0001"
    ]
    assert boxes(incident) == {
        "triage": (at("14:00"), at("14:02")),
        "declaration": (at("14:02"), at("14:05")),
        "mitigation": (at("14:05"), at("15:00")),
        "resolution": (None, None),
        "postmortem": (None, None),
    }
    acknowledge_page(page_of("on-call"), by=owner, now=at("14:01"))

    post_status_update(incident, by=owner, now=at("14:04"), status="investigating", text="The pool is exhausted.")
    tick(at("14:04:01"))
    assert owed(incident)[PromiseKind.STATUS_UPDATE] == at("14:19")

    look_for_the_cause(incident, by=owner)
    stop_bleeding(incident, by=owner, now=at("14:20"))
    assert owed(incident)[PromiseKind.WATCH] == at("14:50")
    incident.refresh_from_db()
    assert boxes(incident)["resolution"][0] == at("14:20")
    with pytest.raises(InvalidInput):
        resolve_incident(incident, by=owner, now=at("14:30"))
    tick(at("14:50"))
    with pytest.raises(InvalidInput):
        resolve_incident(incident, by=owner, now=at("14:51"))
    checks = tick_all(incident, Gate.RESOLVE, by=owner, now=at("14:51"))
    assert len(checks) == 6
    resolve_incident(incident, by=owner, now=at("14:52"))

    assert owed(incident) == {
        PromiseKind.MEETING: at("14:52", day=17),
        PromiseKind.POSTMORTEM: at("14:52", day=18),
    }
    incident.refresh_from_db()
    assert boxes(incident)["postmortem"] == (at("14:52", day=16), at("14:52", day=17))
    with pytest.raises(InvalidInput):
        close_incident(incident, by=owner, now=at("15:00"))
    assert len(tick_all(incident, Gate.CLOSE, by=owner, now=at("15:00"))) == 5
    close_incident(incident, by=owner, now=at("15:01"))


def look_for_the_cause(incident: Incident, *, by: Actor) -> None:
    """3.11, 3.12: a hypothesis with its confidence, a mitigation whose effect is looked at after five minutes."""
    hypothesis = add_hypothesis(incident, by=by, now=at("14:06"), text="The pool is too small", confidence=85)
    assert hypothesis is not None
    values = {"host_tool": "host", "name": "POOL_SIZE", "value": "50", "service": "api"}
    mitigation = start_mitigation(incident, by=by, now=at("14:10"), option="configuration", values=values)
    assert mitigation is not None
    assert mitigation.command == "host variables set POOL_SIZE=50 --service api"
    assert mitigation.target == "Errors below 1 % within 5 min"
    assert owed(incident)[PromiseKind.MITIGATION] == at("14:15")
    answer_mitigation(incident, by=by, now=at("14:15"), number=mitigation.number, outcome="effective")
    assert PromiseKind.MITIGATION not in owed(incident)


def test_a_database_that_fails_is_decided_within_ten_minutes_or_the_lead_is_rung(stage: Stage) -> None:
    """3.15."""
    incident = stage.declare("SEV0", at("14:00"), "The database fails")
    taken = take_up_runbook(incident, by=by_web(stage.on_call("owner")), now=at("14:03"), runbook="database-failure")
    decision = incident.promises.undone().get(kind=PromiseKind.CRITICAL)
    assert (decision.due_at, taken.runbook.actions.count()) == (at("14:13"), 7)

    tick(at("14:12:59"))
    assert [line for line in rung(at("14:10")) if "decide" in line] == []
    tick(at("14:13"))
    tick(at("14:13:01"))
    late = [line for line in rung(at("14:13")) if "decide" in line]
    assert [line.rpartition(": ")[2] for line in late] == ["engineering-lead"]

    decide(
        incident, by=by_web(stage.on_call("owner")), now=at("14:14"), decision=decision.subject_key, text="Fail over."
    )
    assert PromiseKind.CRITICAL not in owed(incident)


def test_a_breach_is_private_before_executive_legal_and_security_are_rung(stage: Stage) -> None:
    """3.15: the scenario's privacy wins over whatever its level would tell."""
    incident = stage.declare("SEV1", at("14:00"), "Odd access to the audit log")
    assert PromiseKind.PUBLIC_UPDATE in owed(incident)
    take_up_runbook(incident, by=by_web(stage.on_call("owner")), now=at("14:02"), runbook="security-breach")
    tick(at("14:02"))

    incident.refresh_from_db()
    assert incident.audience is not None
    assert {line.rpartition(": ")[2] for line in rung(at("14:02"))} >= {"executive", "legal", "security"}
    assert PromiseKind.PUBLIC_UPDATE not in owed(incident)
    with pytest.raises(WrongState):
        tell_public(incident, by=by_web(stage.on_call("owner")), now=at("14:03"), text="We look into it.")


def test_customers_hear_of_the_beginning_and_of_the_end_in_the_words_of_the_policy(stage: Stage) -> None:
    """3.7, 3.17."""
    incident = stage.declare("SEV1", at("14:00"), "Workflows cannot be started")
    lead = by_web(stage.on_call("senior-engineer"))

    tell_public(incident, by=lead, now=at("14:04"))
    assert PromiseKind.PUBLIC_UPDATE not in owed(incident)
    stop_bleeding(incident, by=lead, now=at("14:20"))
    resolve_incident(incident, by=lead, now=at("14:30"), reason="a quiet service")
    tell_public(incident, by=lead, now=at("14:31"))

    first, last = incident.status_updates.order_by("pk").values_list("public_text", flat=True)
    assert "We are looking into it." in first
    assert last.endswith("It is over. All services work as they should.\nWe apologize for the trouble.")
