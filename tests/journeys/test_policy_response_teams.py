"""Document 004, played: nobody can sign in, P0, until the studio producer is rung and the fix is shown to work.

Times are Berlin wall time on Monday, 6 July 2026.
"""

from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comms.enums import MessageKind
from core.errors import InvalidInput, WrongState
from incidents.actions.checklist.check import tick_item
from incidents.actions.flag import raise_flag
from incidents.actions.impact import set_impact
from incidents.actions.role import assign_role
from incidents.actions.severity import change_level
from incidents.actions.status import close_incident, resolve_incident, stop_bleeding
from incidents.actions.status_update import post_no_change, post_status_update
from incidents.actions.text import words_for
from incidents.enums import Evidence, Gate, Occasion, PromiseKind, TextAudience
from incidents.export.texts import Said
from incidents.forms.status_update import prefilled
from incidents.models import ChecklistItem, Incident
from incidents.queries.owed import facts_of_one
from tests.factories.policy import level_of
from tests.journeys.cast import by_web
from tests.journeys.sink import Sink
from tests.journeys.stage import (
    Stage,
    answer_all,
    asked,
    boxes,
    checklist_of,
    chosen_by,
    duties_in,
    goes_on_at,
    moment,
    owed,
    owes,
    posted,
    public_words,
    roles,
    room_of,
    rung,
    tick,
    told,
    words_to,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]
PRESET = "response-teams"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(16)


def at(clock: str, day: int = 6) -> datetime:
    return moment(date(2026, 7, day), clock)


BEGINS = at("09:00")
PAGE_AND_CHANNEL = ["Mon 14:15 public_update: support", "Mon 14:15 status_update: support"]


def held_back(incident: Incident) -> list[ChecklistItem]:
    """What must be seen before it is resolved."""
    return [row for part in checklist_of(incident) for row in part.to_do if row.holds == Gate.RESOLVE]


def who(lines: list[str]) -> list[tuple[str, str]]:
    """When, and who: of lines of `rung`."""
    return [(line[:5], line.rpartition(": ")[2]) for line in lines]


# --- levels and their teams ----------------------------------------------------------------------------------------


def test_whoever_declares_reads_who_comes_and_how_soon(stage: Stage) -> None:
    """4.1: at once, an hour, four hours, the next sprint."""
    hands = "Rings infrastructure and deployment and"
    within = "; an answer is owed within 5 min. Response:"
    assert chosen_by() == {
        "P0": f"{hands} backend and frontend and support and executive briefer{within} immediate. "
        "Status update every 15 min.",
        "P1": f"{hands} developer and support{within} 1 h. Status update every 15 min.",
        "P2": f"Rings developer{within} 4 h.",
        "P3": "Rings nobody. Response: next sprint. A ticket does.",
    }


@pytest.mark.parametrize(
    ("level", "paged", "team"),
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
        ),
        (
            "P1",
            ["infrastructure: infrastructure", "deployment: deployment", "developer: owner", "support: support"],
            {"commander": "infrastructure", "deployer": "deployment", "developer": "owner", "support": "support"},
        ),
        ("P2", ["developer: owner"], {"developer": "owner"}),
        ("P3", [], {}),
    ],
)
def test_each_level_has_its_team(stage: Stage, level: str, paged: list[str], team: dict[str, str]) -> None:
    """4.1, 4.2: all hands at P0; low levels have no commander; each page goes on after five minutes."""
    incident = stage.declare(level, at("14:00"))

    assert rung() == [f"14:00 {line}" for line in paged]
    assert goes_on_at() == [f"14:05 {line.partition(':')[0]}" for line in paged]
    assert roles(incident) == team
    assert told(stage.on_call("finance"), MessageKind.NOTICE) == (level == "P0")


@pytest.mark.parametrize(
    ("level", "here"),
    [
        (
            "P0",
            {
                "deployment": "You roll back if it is needed.",
                "backend": "You diagnose our systems.",
                "frontend": "You diagnose what happens in the users' browsers.",
                "support": "You keep the status page and notify users.",
                "executive-briefer": "You give executives word as it happens.",
            },
        ),
        (
            "P1",
            {
                "deployment": "You help with the deployment.",
                "owner": "You write the fix.",
                "support": "You speak to users.",
            },
        ),
        ("P2", {"owner": "You write the fix."}),
    ],
)
def test_everybody_is_told_what_is_theirs_at_this_level(stage: Stage, level: str, here: dict[str, str]) -> None:
    """4.2."""
    stage.declare(level, at("14:00"))

    for schedule, duty in here.items():
        assert f"\n\n{duty}" in words_to(stage.on_call(schedule), MessageKind.NOTICE)


@pytest.mark.parametrize(
    ("level", "empty", "duty"),
    [("P2", "verifier", "You verify the fix."), ("P3", "planner", "You add it to the backlog.")],
)
def test_seats_that_somebody_takes(stage: Stage, level: str, empty: str, duty: str) -> None:
    """4.2: who verifies the fix, who adds it to the backlog."""
    incident = stage.declare(level, at("14:00"))
    seen = room_of(incident, stage.on_call("owner"), at("14:01"))

    assert [name.lower().split()[-1] for name in facts_of_one(incident).empty_seats] == [empty]
    assert duties_in(seen)[empty].endswith(duty)


def test_every_role_has_its_duties(stage: Stage) -> None:
    """4.2, 4.4: three of them look for the cause, and support speaks: who does is not relieved by a press."""
    incident = stage.declare("P0", at("14:00"))
    seen = room_of(incident, stage.on_call("infrastructure"), at("14:01"))

    begin = {role: " ".join(duty.split()[:6]) for role, duty in duties_in(seen).items()}
    assert begin == {
        "commander": "You keep the infrastructure running, and",
        "deployer": "You deploy, and you roll back",
        "backend": "You look for the root cause",
        "frontend": "You look for what goes wrong",
        "developer": "You know the part that broke,",
        "support": "You speak to users: the status",
        "briefer": "You brief executives and other stakeholders",
        "verifier": "You verify that the fix works,",
        "api-tester": "When an API is concerned you",
        "planner": "You put what remains to be",
    }
    looking = [row.definition.slug for row in seen.roles if row.definition.kind == "investigator"]
    assert looking == ["backend", "frontend", "developer"]
    infra = by_web(stage.on_call("infrastructure"))
    with pytest.raises(WrongState):
        assign_role(incident, by=infra, now=at("14:02"), role="support", user=stage.on_call("backend"))


@pytest.mark.parametrize(
    ("level", "owed", "public"),
    [
        ("P0", [*PAGE_AND_CHANNEL, "Mon 14:30 executive_brief: briefer"], True),
        ("P1", [*PAGE_AND_CHANNEL, "Mon 15:00 respond: commander"], True),
        ("P2", ["Mon 18:00 respond: commander"], False),
        ("P3", [], False),
    ],
)
def test_what_is_owed_from_the_beginning(stage: Stage, sink: Sink, level: str, owed: list[str], public: bool) -> None:
    """4.1, 4.3: a status page every quarter of an hour, and briefs only at the top; a channel of its own."""
    incident = stage.declare(level, at("14:00"))

    assert owes(incident) == owed
    assert prefilled(room_of(incident, stage.on_call("owner"), at("14:01")))["tell_public"] is public
    room = [] if level == "P3" else [("incidents", f"incident-{incident.reference.removeprefix('INC-')}")]
    assert [(post["to"], post["facts"]["room"]) for post in posted(sink, MessageKind.THREAD)] == room


# --- the five steps ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["P0", "P1", "P2", "P3"])
def test_five_steps_that_overlap(stage: Stage, level: str) -> None:
    """4.4: what each step asks, and of whom; only the upper two keep the status page, only the top briefs."""
    incident = stage.declare(level, at("14:00"))

    page = ["Update the status page: support"] if level in {"P0", "P1"} else []
    brief = ["Brief the stakeholders: briefer"] if level == "P0" else []
    steps = asked(incident)
    assert steps.get("mitigation", []) == [*page, *brief]
    assert {key: items for key, items in steps.items() if key != "mitigation"} == {
        "triage": [
            "Note what set it: commander",
            "Acknowledge the alert: commander",
            "How many users are: commander",
            "Which services are affected?: commander",
            "Is data at risk?: commander",
            "Set the level, P0: commander",
            "Call the team of: commander",
            "Open the channel of: commander",
        ],
        "investigation": [
            "Look at the metrics",
            "Read the logs of",
            "Look at what was",
            "See whether those that",
        ],
        "verification": [
            "The fix resolves the: check, verifier, holds resolve",
            "Pictures show that it: check, verifier, with a file, holds resolve",
            "Nothing else broke: check, verifier, holds resolve",
            "All metrics are on: check, commander, holds resolve",
            "No failure drags others: check, commander, holds resolve",
            "It was watched for: check, commander, holds resolve",
        ],
        "postmortem": ["Put the tasks that: planner"],
    }


def test_an_api_is_tested_when_one_is_concerned(stage: Stage) -> None:
    """4.4."""
    incident = stage.declare("P1", at("14:00"))
    assert len(held_back(incident)) == 6

    raise_flag(incident, by=by_web(stage.on_call("infrastructure")), now=at("14:21"), flag="api-concerned")

    assert asked(incident)["verification"][6:] == [
        "The regression tests of: check, api-tester, holds resolve",
        "The API answers as: check, api-tester, holds resolve",
        "The API's errors are: check, api-tester, holds resolve",
    ]


@pytest.mark.parametrize(
    ("level", "author"), [("P0", "commander"), ("P1", "commander"), ("P2", "developer"), ("P3", "")]
)
def test_half_an_hour_of_watching_then_two_days_for_the_postmortem(stage: Stage, level: str, author: str) -> None:
    """4.4, 4.5."""
    incident = stage.declare(level, at("14:00"))
    infra = by_web(stage.on_call("infrastructure"))
    stop_bleeding(incident, by=infra, now=at("14:20"))
    watched = {PromiseKind.WATCH: at("14:50")} if author else {}
    assert {kind: due for kind, due in owed(incident).items() if kind == PromiseKind.WATCH} == watched
    tick(at("14:50"))

    with pytest.raises(InvalidInput):
        resolve_incident(incident, by=infra, now=at("14:51"))
    resolve_incident(incident, by=infra, now=at("14:55"), reason="it was shown elsewhere")
    close_incident(incident, by=infra, now=at("14:56"))

    assert owes(incident) == ([f"Wed 14:55 postmortem: {author}"] if author else [])


def test_a_p0_from_the_first_word_to_what_is_owed_after(stage: Stage) -> None:
    """4.3 to 4.5: the status page every quarter of an hour, five steps that overlap, evidence, a watch, 48 hours."""
    incident = stage.declare("P0", at("14:00"), "Nobody can sign in")
    support, infra = by_web(stage.on_call("support")), by_web(stage.on_call("infrastructure"))
    answer_all(at("14:01"))
    assert boxes(incident) == {
        "triage": (at("14:00"), at("14:05")),
        "investigation": (at("14:05"), at("14:30")),
        "mitigation": (at("14:15"), at("15:00")),
        "verification": (None, None),
        "postmortem": (None, None),
    }
    post_status_update(
        incident, by=support, now=at("14:10"), status="identified", text="A certificate has run out.", tell_public=True
    )
    tick(at("14:10:01"))
    assert owes(incident) == [
        "Mon 14:25 public_update: support",
        "Mon 14:25 status_update: support",
        "Mon 14:30 executive_brief: briefer",
    ]
    post_no_change(incident, by=support, now=at("14:18"))
    assert public_words(incident)[-1].splitlines() == [
        "Status: Identified",
        "What we do: A certificate has run out.",
        "Next update: 14:33 CEST",
    ]
    assert owed(incident)[PromiseKind.PUBLIC_UPDATE] == at("14:33")

    stop_bleeding(incident, by=infra, now=at("14:20"))
    incident.refresh_from_db()
    assert boxes(incident)["verification"] == (at("14:20"), None)
    tick(at("14:50"))
    pictures = next(row for row in held_back(incident) if row.evidence == Evidence.FILE)
    with pytest.raises(InvalidInput):
        tick_item(incident, by=infra, now=at("14:51"), number=pictures.number)
    file = SimpleUploadedFile("signed-in.png", PICTURE, content_type="image/png")
    tick_item(incident, by=infra, now=at("14:51"), number=pictures.number, file=file)
    for row in held_back(incident):
        tick_item(incident, by=infra, now=at("14:52"), number=row.number)
    resolve_incident(incident, by=infra, now=at("14:55"))

    assert owes(incident) == ["Wed 14:55 postmortem: commander"]
    incident.refresh_from_db()
    assert boxes(incident)["postmortem"] == (at("14:55"), at("14:55", day=8))


# --- what others are told ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["P0", "P1"])
def test_the_status_page_in_the_words_of_the_document(stage: Stage, sink: Sink, level: str) -> None:
    """4.3, 4.7."""
    incident = stage.declare(level, at("14:00"), "Nobody can sign in")
    said = {"status": "identified", "impact": "Nobody can sign in.", "action": "We replace a certificate."}
    update = post_status_update(
        incident, by=by_web(stage.on_call("support")), now=at("14:10"), tell_public=True, **said
    )
    tick(at("14:10:01"))

    assert update.public_text.splitlines() == [
        "Status: Identified",
        "Impact: Nobody can sign in.",
        "What we do: We replace a certificate.",
        "Next update: 14:25 CEST",
    ]
    assert [post["to"] for post in posted(sink, MessageKind.STATUS_UPDATE)] == ["incidents"]
    assert owed(incident)[PromiseKind.STATUS_UPDATE] == owed(incident)[PromiseKind.PUBLIC_UPDATE] == at("14:25")


def test_a_p2_has_no_public_words_of_its_own(stage: Stage) -> None:
    """4.3: what somebody tells the public all the same is said in Muster's."""
    incident = stage.declare("P2", at("14:00"), "Search does not work")
    ready = words_for(TextAudience.PUBLIC, Occasion.UPDATE, incident, Said(impact="No search."), now=at("14:05"))
    assert ready == "Investigating.\nNo search."


def test_executives_are_briefed_at_p0_alone(stage: Stage, sink: Sink) -> None:
    """4.3, 4.7: situation, cause, action, what it does to the business, and when they hear again."""
    incident = stage.declare("P0", at("14:00"), "Nobody can sign in")
    briefer = by_web(stage.on_call("executive-briefer"))
    set_impact(incident, by=briefer, now=at("14:05"), revenue="estimated", data_integrity="none")
    said = {"impact": "Nobody can sign in.", "cause": "A certificate has run out.", "action": "We replace it."}
    update = post_status_update(incident, by=briefer, now=at("14:10"), eta="14:30", tell_executives=True, **said)
    tick(at("14:10:01"))

    assert update.brief.splitlines() == [
        "Situation: Checkout, Nobody can sign in.",
        "Cause: A certificate has run out.",
        "Action: We replace it. It should be over: 14:30",
        "Impact on the business: revenue loss estimated, data at risk none",
        "Next update: 14:40 CEST",
    ]
    assert [post["to"] for post in posted(sink, MessageKind.STATUS_UPDATE) if post["body"] == update.brief] == [
        "executives"
    ]
    assert owed(incident)[PromiseKind.EXECUTIVE_BRIEF] == at("14:40")
    other = stage.declare("P1", at("15:00"), "Payments are slow")
    with pytest.raises(WrongState):
        post_status_update(other, by=briefer, now=at("15:05"), text="We look.", tell_executives=True)
    ready = words_for(TextAudience.EXECUTIVE, Occasion.UPDATE, other, Said(impact="It is slow."), now=at("15:05"))
    assert "Situation" not in ready


# --- the matrix ----------------------------------------------------------------------------------------------------


def test_the_matrix_by_time(stage: Stage) -> None:
    """4.6: P0 for half an hour, P1 for two hours; each once, with what is expected."""
    first = stage.declare("P0", at("14:00"))
    tick(at("14:29:59"))
    assert [line for line in rung() if "not resolved" in line] == []
    tick(at("14:30"))
    tick(at("14:34"))
    assert who([line for line in rung() if "not resolved" in line]) == [("14:30", "studio-producer")]
    assert "Bring more people, and press the vendor" in words_to(stage.on_call("studio-producer"), MessageKind.PAGE)
    resolve_incident(first, by=by_web(stage.on_call("infrastructure")), now=at("14:50"), reason="the fire is out")

    stage.declare("P1", at("15:00"), "Payments are slow")
    tick(at("16:59:59"))
    assert [line for line in rung(at("15:00")) if "not resolved" in line] == []
    tick(at("17:00"))
    assert who([line for line in rung(at("15:00")) if "not resolved" in line]) == [("17:00", "project-shepherd")]
    assert "Move people and time here" in words_to(stage.on_call("project-shepherd"), MessageKind.PAGE)


def test_the_matrix_by_time_counts_from_the_level(stage: Stage) -> None:
    """P0 for half an hour is half an hour at P0, however long it was at P1 before."""
    incident = stage.declare("P1", at("14:00"))
    tick(at("14:50"))
    by = by_web(stage.on_call("infrastructure"))
    change_level(incident, by=by, now=at("14:50"), level=level_of(stage.ladder, "P0"))
    tick(at("15:19:59"))
    assert [line for line in rung() if "not resolved" in line] == []
    tick(at("15:20"))
    assert who([line for line in rung() if "not resolved" in line]) == [("15:20", "studio-producer")]


def test_lower_levels_are_not_in_the_matrix_by_time(stage: Stage) -> None:
    stage.declare("P2", at("14:00"))
    tick(at("16:00"))
    assert [line for line in rung() if "not resolved" in line] == []


def test_the_matrix_by_flag_and_by_money(stage: Stage) -> None:
    """4.6: users' data, revenue, a breach; a breach is private as well."""
    incident = stage.declare("P1", at("14:00"))
    infra = by_web(stage.on_call("infrastructure"))
    seen = room_of(incident, stage.on_call("owner"), at("14:01"))
    assert [flag.question for flag in seen.scenario.flags] == [
        "Is there any sign that somebody got in?",
        "Is data of users at risk?",
        "Is an API concerned?",
    ]

    raise_flag(incident, by=infra, now=at("14:05"), flag="user-data-affected")
    set_impact(incident, by=infra, now=at("14:06"), revenue="estimated", revenue_amount=10_000)
    set_impact(incident, by=infra, now=at("14:07"), revenue_amount=10_001)
    raise_flag(incident, by=infra, now=at("14:08"), flag="breach-suspected")
    tick(at("14:08"))

    assert who(rung(at("14:05"))) == [
        ("14:05", "legal"),
        ("14:05", "executive-briefer"),
        ("14:07", "finance"),
        ("14:07", "studio-producer"),
        ("14:08", "legal"),
    ]
    expected = {
        "executive-briefer": "See to the notices that GDPR and CCPA ask for",
        "finance": "Work out what it costs the business",
        "legal": "Assess whether a regulator must be told",
    }
    said = {schedule: words_to(stage.on_call(schedule), MessageKind.PAGE) for schedule in expected}
    assert [schedule for schedule, words in expected.items() if words not in said[schedule]] == []
    incident.refresh_from_db()
    assert incident.audience is not None
