"""Document 004, played: nobody can sign in, P0, until the studio producer is rung and the fix is shown to work.

Times are Berlin wall time on Monday, 6 July 2026.
"""

from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comms.enums import MessageKind
from core.errors import InvalidInput
from incidents.actions.checklist.check import tick_item
from incidents.actions.flag import raise_flag
from incidents.actions.impact import set_impact
from incidents.actions.status import resolve_incident, stop_bleeding
from incidents.actions.status_update import post_status_update
from incidents.enums import Evidence, Gate, PromiseKind
from incidents.models import ChecklistItem, Incident
from tests.journeys.cast import by_web
from tests.journeys.stage import Stage, checklist_of, moment, owed, roles, rung, tick, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(16)
PRESET = "response-teams"


def at(clock: str, day: int = 6) -> datetime:
    return moment(date(2026, 7, day), clock)


BEGINS = at("09:00")


def held_back(incident: Incident) -> list[ChecklistItem]:
    """What must be seen before it is resolved."""
    return [row for part in checklist_of(incident) for row in part.to_do if row.holds == Gate.RESOLVE]


@pytest.mark.parametrize(
    ("level", "paged", "team", "respond"),
    [
        (
            "P0",
            [
                "infrastructure: infrastructure",
                "deployment: deployment",
                "backend: backend",
                "frontend: frontend",
                "support: support",
                "executive briefer: executive-briefer",
            ],
            {
                "commander": "infrastructure",
                "deployer": "deployment",
                "backend": "backend",
                "frontend": "frontend",
                "support": "support",
                "briefer": "executive-briefer",
            },
            None,
        ),
        (
            "P1",
            ["infrastructure: infrastructure", "deployment: deployment", "developer: owner", "support: support"],
            {"commander": "infrastructure", "deployer": "deployment", "developer": "owner", "support": "support"},
            "15:00",
        ),
        ("P2", ["developer: owner"], {"developer": "owner"}, "18:00"),
        ("P3", [], {}, None),
    ],
)
def test_each_level_has_its_team(
    stage: Stage, level: str, paged: list[str], team: dict[str, str], respond: str | None
) -> None:
    """4.1, 4.2: all hands at P0; low levels have no commander; at once, an hour, four hours, the next sprint."""
    incident = stage.declare(level, at("14:00"))

    assert rung() == [f"14:00 {line}" for line in paged]
    assert roles(incident) == team
    assert owed(incident).get(PromiseKind.RESPOND) == (at(respond) if respond else None)
    assert told(stage.on_call("finance"), MessageKind.NOTICE) == (level == "P0")


def test_the_matrix_by_time(stage: Stage) -> None:
    """4.6: P0 for half an hour, P1 for two hours; each once, with what is expected."""
    first = stage.declare("P0", at("14:00"))
    tick(at("14:29:59"))
    assert [line for line in rung() if "studio" in line] == []
    tick(at("14:30"))
    tick(at("14:45"))
    assert [line.rpartition(": ")[2] for line in rung(at("14:30")) if "not resolved" in line] == ["studio-producer"]
    entry = first.entries.get(text__startswith="**Escalated: P0 not resolved in 30 min.**")
    assert "Bring more people, and press the vendor" in entry.text
    resolve_incident(first, by=by_web(stage.on_call("infrastructure")), now=at("14:50"), reason="the fire is out")

    stage.declare("P1", at("15:00"), "Payments are slow")
    tick(at("16:59:59"))
    assert [line for line in rung() if "P1 not resolved" in line] == []
    tick(at("17:00"))
    assert [line.rpartition(": ")[2] for line in rung(at("17:00")) if "P1 not resolved" in line] == [
        "project-shepherd"
    ]


def test_the_matrix_by_flag_and_by_money(stage: Stage) -> None:
    """4.6: users' data, revenue, a breach; a breach is private as well."""
    incident = stage.declare("P1", at("14:00"))
    infra = by_web(stage.on_call("infrastructure"))

    raise_flag(incident, by=infra, now=at("14:05"), flag="user-data-affected")
    set_impact(incident, by=infra, now=at("14:06"), revenue="estimated", revenue_amount=10_000)
    set_impact(incident, by=infra, now=at("14:07"), revenue_amount=10_001)
    raise_flag(incident, by=infra, now=at("14:08"), flag="breach-suspected")

    assert [(line[:5], line.rpartition(": ")[2]) for line in rung(at("14:05"))] == [
        ("14:05", "legal"),
        ("14:05", "executive-briefer"),
        ("14:07", "finance"),
        ("14:07", "studio-producer"),
        ("14:08", "legal"),
    ]
    incident.refresh_from_db()
    assert incident.audience is not None


def test_a_p0_from_the_first_word_to_what_is_owed_after(stage: Stage) -> None:
    """4.3 to 4.5: the status page every quarter of an hour, five steps that overlap, evidence, a watch, 48 hours."""
    incident = stage.declare("P0", at("14:00"), "Nobody can sign in")
    support, infra = by_web(stage.on_call("support")), by_web(stage.on_call("infrastructure"))
    assert owed(incident)[PromiseKind.STATUS_UPDATE] == at("14:15")
    assert {part.key: (part.begins_at, part.ends_at) for part in checklist_of(incident)} == {
        "triage": (at("14:00"), at("14:05")),
        "investigation": (at("14:05"), at("14:30")),
        "mitigation": (at("14:15"), at("15:00")),
        "verification": (None, None),
        "postmortem": (None, None),
    }
    assert owed(incident)[PromiseKind.EXECUTIVE_BRIEF] == at("14:30")
    update = post_status_update(
        incident,
        by=support,
        now=at("14:10"),
        status="identified",
        impact="Nobody can sign in.",
        cause="A certificate has run out.",
        action="We replace it.",
        eta="14:30",
        tell_executives=True,
    )
    tick(at("14:10:01"))
    assert owed(incident)[PromiseKind.STATUS_UPDATE] == at("14:25")
    assert owed(incident)[PromiseKind.EXECUTIVE_BRIEF] == at("14:40")
    assert update.brief.splitlines() == [
        "Situation: Checkout, Nobody can sign in.",
        "Cause: A certificate has run out.",
        "Action: We replace it. It should be over: 14:30",
        "Next update: 14:40 CEST",
    ]

    stop_bleeding(incident, by=infra, now=at("14:20"))
    assert owed(incident)[PromiseKind.WATCH] == at("14:50")
    assert len(held_back(incident)) == 6
    raise_flag(incident, by=infra, now=at("14:21"), flag="api-concerned")
    assert len(held_back(incident)) == 9
    tick(at("14:50"))
    with pytest.raises(InvalidInput):
        resolve_incident(incident, by=infra, now=at("14:51"))
    pictures = next(row for row in held_back(incident) if row.evidence == Evidence.FILE)
    with pytest.raises(InvalidInput):
        tick_item(incident, by=infra, now=at("14:51"), number=pictures.number)
    tick_item(
        incident,
        by=infra,
        now=at("14:51"),
        number=pictures.number,
        file=SimpleUploadedFile("signed-in.png", PICTURE, content_type="image/png"),
    )
    for row in held_back(incident):
        tick_item(incident, by=infra, now=at("14:52"), number=row.number)
    resolve_incident(incident, by=infra, now=at("14:55"))

    assert owed(incident) == {PromiseKind.POSTMORTEM: at("14:55", day=8)}
