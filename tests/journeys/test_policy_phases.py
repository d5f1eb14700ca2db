"""Document 003, played: “API error rate spike”, SEV2, through its five phases; and each of its five levels.

Times are Berlin wall time on Monday, 15 June 2026. Its catalogue and its scenarios: test_policy_phases_scenarios.
"""

from datetime import date, datetime, timedelta

import pytest

from accounts.actor import Actor
from comms.enums import MessageKind
from core.errors import InvalidInput
from escalation.actions.page import acknowledge_page
from escalation.models import Page, RotationMember
from incidents.actions.checklist.check import tick_item
from incidents.actions.hypothesis import add_hypothesis
from incidents.actions.meeting import schedule_meeting
from incidents.actions.role import BACKUP, assign_role
from incidents.actions.status import close_incident, resolve_incident, stop_bleeding
from incidents.actions.status_update import post_status_update
from incidents.actions.text import words_for
from incidents.enums import Gate, Occasion, PromiseKind, TextAudience
from incidents.export.texts import Said
from incidents.forms.status_update import prefilled
from incidents.models import Incident
from incidents.queries.meeting import meeting_of
from tests.journeys.cast import by_web
from tests.journeys.sink import Sink
from tests.journeys.stage import (
    Stage,
    answer_all,
    asked,
    boxes,
    checklist_of,
    chosen_by,
    commands,
    duties_in,
    goes_on_at,
    moment,
    owed,
    owes,
    page_of,
    posted,
    roles,
    room_of,
    rung,
    tick,
    told,
    words_to,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]
PRESET = "phases"
LEVELS = ["SEV0", "SEV1", "SEV2", "SEV3", "SEV4"]


def at(clock: str, day: int = 15) -> datetime:
    return moment(date(2026, 6, day), clock)


BEGINS = at("09:00")


def tick_all(incident: Incident, gate: Gate, *, by: Actor, now: datetime) -> list[str]:
    """Tick what holds `gate` back, and say what it was."""
    held = [row for part in checklist_of(incident) for row in part.to_do if row.holds == gate]
    for row in held:
        tick_item(incident, by=by, now=now, number=row.number)
    return [row.text for row in held]


# --- five levels ---------------------------------------------------------------------------------------------------


def test_whoever_declares_reads_how_soon_it_begins(stage: Stage) -> None:
    """3.1: at once, within five minutes, a quarter of an hour, an hour, best effort."""
    within = "; an answer is owed within 2 min. Response:"
    every = "Status update every 15 min."
    assert chosen_by() == {
        "SEV0": "Rings on-call engineer and engineering lead and executive and platform team"
        f"{within} immediate. {every}",
        "SEV1": f"Rings on-call engineer and engineering lead and senior engineer{within} 5 min. {every}",
        "SEV2": f"Rings on-call engineer{within} 15 min. {every}",
        "SEV3": f"Rings on-call engineer{within} 1 h. {every}",
        "SEV4": "Rings nobody. Response: best effort. A ticket does.",
    }


LEAD = ["on-call engineer: owner", "engineering lead: engineering-lead"]
HANDS = [*LEAD, "executive: executive", "platform team: platform-team"]


@pytest.mark.parametrize(
    ("level", "paged", "team", "owed"),
    [
        (
            "SEV0",
            HANDS,
            {"commander": "engineering-lead", "executive": "executive", "responder": "owner"},
            ["Mon 14:05 first_update: commander", "Mon 14:05 public_update: commander"],
        ),
        (
            "SEV1",
            [*LEAD, "senior engineer: senior-engineer"],
            {"commander": "senior-engineer", "responder": "owner"},
            [
                "Mon 14:05 first_update: commander",
                "Mon 14:05 public_update: commander",
                "Mon 14:05 respond: commander",
            ],
        ),
        (
            "SEV2",
            LEAD[:1],
            {"commander": "owner"},
            ["Mon 14:05 first_update: commander", "Mon 14:15 respond: commander"],
        ),
        (
            "SEV3",
            LEAD[:1],
            {"commander": "owner"},
            ["Mon 14:05 first_update: commander", "Mon 15:00 respond: commander"],
        ),
        ("SEV4", [], {}, []),
    ],
)
def test_who_is_paged_who_commands_and_what_is_owed(
    stage: Stage, level: str, paged: list[str], team: dict[str, str], owed: list[str]
) -> None:
    """3.1, 3.3, 3.8, 3.17: a commander by a rule of the level, leadership at the top two, the first word in 5 min."""
    incident = stage.declare(level, at("14:00"))

    assert rung() == [f"14:00 {line}" for line in paged]
    assert goes_on_at() == [f"14:02 {line.partition(':')[0]}" for line in paged]
    assert roles(incident) == team
    assert owes(incident) == owed
    assert told(stage.on_call("legal"), MessageKind.NOTICE) == (level == "SEV0")  # all hands
    seen = room_of(incident, stage.on_call("owner"), at("14:01"))
    assert prefilled(seen)["tell_public"] is (level in {"SEV0", "SEV1"})


def test_whoever_declares_a_sev4_has_it(stage: Stage) -> None:
    """3.1: any engineer."""
    incident = stage.declare("SEV4", at("14:00"), by=by_web(stage.on_call("legal")))
    assert roles(incident) == {"commander": "legal"}
    ready = words_for(TextAudience.INTERNAL, Occasion.DECLARED, incident, Said(), now=at("14:00"))
    assert ready == "INC-20260615-0001 was declared."


@pytest.mark.parametrize(
    ("level", "commands"),
    [("SEV0", "engineering-lead"), ("SEV1", "senior-engineer"), ("SEV2", "owner"), ("SEV3", "owner")],
)
def test_the_backup_commands_when_nobody_does(stage: Stage, level: str, commands: str) -> None:
    """3.3, 3.9: nobody is on call who should command, so the rotation's backup is rung after two minutes, and does."""
    RotationMember.objects.filter(user=stage.on_call(commands)).delete()
    incident = stage.declare(level, at("14:00"))
    tick(at("14:01:59"))
    assert not Page.objects.filter(group=BACKUP).exists()

    tick(at("14:02"))
    acknowledge_page(Page.objects.get(group=BACKUP), by=by_web(stage.on_call("platform")), now=at("14:03"))

    assert incident.commander == stage.on_call("platform")


@pytest.mark.parametrize(("level", "commands"), [("SEV0", "engineering-lead"), ("SEV1", "senior-engineer")])
def test_the_backup_relieves_a_commander_who_does_not_answer(stage: Stage, level: str, commands: str) -> None:
    """3.9: whom the rule names gives no sign of life within two minutes: the backup from the rotation."""
    incident = stage.declare(level, at("14:00"))
    assert incident.commander == stage.on_call(commands)
    for clock in ("14:00", "14:01:59", "14:02"):
        tick(at(clock))

    acknowledge_page(Page.objects.get(group=BACKUP), by=by_web(stage.on_call("platform")), now=at("14:03"))

    assert Incident.objects.get(pk=incident.pk).commander == stage.on_call("platform")
    assert "nothing was heard of you" in words_to(stage.on_call(commands), MessageKind.NUDGE)


def test_every_role_has_its_duties(stage: Stage) -> None:
    """3.1, 3.6, 3.16: several may look for the cause, and several teams may be affected."""
    incident = stage.declare("SEV0", at("14:00"))
    seen = room_of(incident, stage.on_call("owner"), at("14:01"))

    begin = {role: " ".join(duty.split()[:6]) for role, duty in duties_in(seen).items()}
    assert begin == {
        "commander": "You run the war room: who",
        "executive": "You command together with the engineering",
        "responder": "You look for the cause, write",
        "team-lead": "You know what it means for",
    }
    several = [row.definition.slug for row in seen.roles if row.definition.holds_several]
    assert several == ["responder", "team-lead"]
    assert [row.definition.slug for row in seen.roles if row.definition.kind == "investigator"] == ["responder"]
    assert "You command together with the engineering lead" in words_to(stage.on_call("executive"), MessageKind.NOTICE)


@pytest.mark.parametrize("level", LEVELS[:4])
def test_a_room_and_word_every_quarter_of_an_hour(stage: Stage, sink: Sink, level: str) -> None:
    """3.6, 3.7: what is opened, and what is owed after the first word."""
    incident = stage.declare(level, at("14:00"))
    answer_all(at("14:01"))
    post_status_update(incident, by=by_web(stage.on_call("owner")), now=at("14:04"), text="The pool is exhausted.")
    tick(at("14:04:01"))

    assert [post["facts"]["room"] for post in posted(sink, MessageKind.THREAD)] == ["incident-20260615-0001"]
    assert [post["to"] for post in posted(sink, MessageKind.STATUS_UPDATE)] == ["incidents"]
    assert PromiseKind.FIRST_UPDATE not in owed(incident)
    assert owed(incident)[PromiseKind.STATUS_UPDATE] == at("14:19")
    post_status_update(incident, by=by_web(stage.on_call("owner")), now=at("14:15"), text="A larger pool is coming.")
    tick(at("14:15:01"))
    assert [post["to"] for post in posted(sink, MessageKind.STATUS_UPDATE)] == ["incidents", "incidents"]
    assert owed(incident)[PromiseKind.STATUS_UPDATE] == at("14:30")


# --- five phases ---------------------------------------------------------------------------------------------------


def test_five_phases_on_the_clock(stage: Stage) -> None:
    """3.2: two minutes, three more, an hour; a watch once the bleeding has stopped; a meeting on the next day."""
    incident = stage.declare("SEV2", at("14:00"))
    before = boxes(incident)
    resolve_incident(incident, by=by_web(stage.on_call("owner")), now=at("15:00"), reason="it was quiet")
    incident.refresh_from_db()

    assert before == {
        "triage": (at("14:00"), at("14:02")),
        "declaration": (at("14:02"), at("14:05")),
        "mitigation": (at("14:05"), at("15:00")),
        "resolution": (None, None),
        "postmortem": (None, None),
    }
    assert boxes(incident)["resolution"] == (at("15:00"), None)
    assert boxes(incident)["postmortem"] == (at("15:00", day=16), at("15:00", day=17))


ALL = "01234"
# What each phase asks: {phase: [(an item, the numbers of its levels)]}.
ASKED: dict[str, list[tuple[str, str]]] = {
    "triage": [
        ("Acknowledge the alert: by 14:02", ALL),
        ("Have the triage agent", ALL),
        ("Read the triage report,: by 14:00:30", ALL),
        ("Escalate at once -", "01"),
        ("Escalate as usual -", "23"),
        ("Write a ticket; this", "4"),
        ("If it is nothing,", ALL),
        ("The level is named: check", ALL),
        ("The impact is estimated: check", ALL),
        ("The first hypothesis is: check", ALL),
    ],
    "declaration": [
        ("Open the war room;: by 14:03", "0123"),
        ("Have the coordinating agent", "0123"),
        ("Send the first word: by 14:04", "0123"),
        ("Send the first word: by 14:04", "01"),
        ("See that the leadership", "01"),
        ("See that everybody was", "0"),
        ("The war room is: check", "0123"),
        ("A commander is named: check", "0123"),
        ("The first word was: check", "0123"),
        ("The coordinating agent is: check", "0123"),
    ],
    "mitigation": [
        ("Gather what is known: by 14:10", ALL),
        ("Find the root cause;: responder, by 14:35", ALL),
        ("Write the hypothesis into: responder", ALL),
        ("Choose a mitigation from", ALL),
        ("Watch for five to", ALL),
        ("Errors are back at: check, holds resolve", ALL),
        ("Answers come in less: check, holds resolve", ALL),
        ("No new alert fires: check, holds resolve", ALL),
        ("The health checks of: check, holds resolve", ALL),
        ("What users do works: check, holds resolve", ALL),
    ],
    "resolution": [
        ("Watch for fifteen to: by 15:00", ALL),
        ("See that no alert", ALL),
        ("Look at what users", ALL),
        ("See that the connections", ALL),
        ("Say inside that it", ALL),
        ("Tell customers that it", "01"),
        ("Close the record with: holds close", ALL),
        ("Set the date of: holds close", ALL),
        ("The metrics have been: check, holds resolve", ALL),
        ("All who must know: check, holds close", ALL),
        ("The record says “resolved”: check, holds close", ALL),
        ("The postmortem meeting is: check, holds close", ALL),
    ],
    "postmortem": [
        ("Have a draft made", ALL),
        ("Look through the draft", ALL),
        ("Add what went well", ALL),
        ("Hold the meeting, one", ALL),
        ("Publish it in the", ALL),
        ("The root cause is: check", ALL),
        ("Every action item has: check", ALL),
        ("It was published within: check", ALL),
        ("What was learned stands: check", ALL),
    ],
}


@pytest.mark.parametrize("level", LEVELS)
def test_what_each_phase_asks(stage: Stage, level: str) -> None:
    """3.4 to 3.17: what is done, what is seen, each with its minutes and its levels."""
    incident = stage.declare(level, at("14:00"))
    stop_bleeding(incident, by=by_web(stage.on_call("owner")), now=at("14:30"))
    incident.refresh_from_db()

    here = {phase: [item for item, levels in items if level[-1] in levels] for phase, items in ASKED.items()}
    assert asked(incident) == {phase: items for phase, items in here.items() if items}


def test_what_is_copied_and_where_it_is_published(stage: Stage) -> None:
    """3.4, 3.5, 3.10, 3.16: the agents are called, the deployments of a day looked at."""
    incident = stage.declare("SEV2", at("14:00"))

    assert commands(incident) == [
        "curl -X POST {agents_url}/triage -d alert={alert} -d service=checkout -d metric={metric} -d value={value}",
        "curl -X POST {agents_url}/commander -d incident=INC-20260615-0001 -d level=SEV2 -d commander={commander}",
        "curl {deployments_url}?hours=24",
    ]
    links = [item.filled_link for part in checklist_of(incident) for item in part.items if item.link]
    assert links == ["https://git.example.com/content/postmortems/"]


def test_what_to_do_when_stuck(stage: Stage) -> None:
    """3.4, 3.9, 3.13: nine troubles, each with why."""
    incident = stage.declare("SEV0", at("14:00"))

    causes = {part.key: [trouble.cause for trouble in part.troubles] for part in checklist_of(incident)}
    assert {phase: found for phase, found in causes.items() if found} == {
        "triage": [
            "One failure drags others along",
            "The symptoms are not clear",
            "The service itself is gone",
        ],
        "declaration": ["Away, or asleep", "Several teams are concerned", "It fails with what it should report"],
        "mitigation": [
            "The cause is another one",
            "There is more than one cause",
            "The mitigation has a side effect",
        ],
    }


def test_the_sev2_of_the_document_through_its_five_phases(stage: Stage) -> None:
    """3.2, 3.6, 3.13: updates every quarter of an hour, checks and a watch before “resolved”, then two deadlines."""
    incident = stage.declare("SEV2", at("14:00"), "API error rate spike")
    owner = by_web(stage.on_call("owner"))
    acknowledge_page(page_of("on-call"), by=owner, now=at("14:01"))
    post_status_update(incident, by=owner, now=at("14:04"), status="investigating", text="The pool is exhausted.")
    tick(at("14:04:01"))
    hypothesis = add_hypothesis(incident, by=owner, now=at("14:06"), text="The pool is too small", confidence=85)
    assert hypothesis is not None
    stop_bleeding(incident, by=owner, now=at("14:20"))
    with pytest.raises(InvalidInput):
        resolve_incident(incident, by=owner, now=at("14:30"))
    tick(at("14:50"))
    with pytest.raises(InvalidInput):
        resolve_incident(incident, by=owner, now=at("14:51"))
    assert len(tick_all(incident, Gate.RESOLVE, by=owner, now=at("14:51"))) == 6
    resolve_incident(incident, by=owner, now=at("14:52"))

    assert owes(incident) == ["Wed 14:52 meeting: commander", "Thu 14:52 postmortem: commander"]
    with pytest.raises(InvalidInput):
        close_incident(incident, by=owner, now=at("15:00"))
    assert len(tick_all(incident, Gate.CLOSE, by=owner, now=at("15:00"))) == 5
    close_incident(incident, by=owner, now=at("15:01"))
    tick(at("14:52", day=17))
    assert [row.kind for row in incident.promises.open().exclude(broken_at=None)] == [PromiseKind.MEETING]


@pytest.mark.parametrize("level", LEVELS[:4])
def test_half_an_hour_of_watching_and_what_is_owed_after(stage: Stage, level: str) -> None:
    """3.13, 3.14, 3.16."""
    incident = stage.declare(level, at("14:00"))
    owner = by_web(stage.on_call("owner"))
    stop_bleeding(incident, by=owner, now=at("14:20"))
    assert owed(incident)[PromiseKind.WATCH] == at("14:50")
    tick_all(incident, Gate.RESOLVE, by=owner, now=at("14:21"))
    with pytest.raises(InvalidInput):  # the watch is not over
        resolve_incident(incident, by=owner, now=at("14:49"))
    tick(at("14:50"))
    resolve_incident(incident, by=owner, now=at("14:50"))

    assert owes(incident) == ["Wed 14:50 meeting: commander", "Thu 14:50 postmortem: commander"]


def test_the_meeting_is_after_a_day_lasts_an_hour_and_has_three_kinds_of_guests(stage: Stage) -> None:
    """3.14, 3.16: commander, responders, leads of affected teams."""
    incident = stage.declare("SEV0", at("14:00"))
    owner = by_web(stage.on_call("owner"))
    assign_role(incident, by=owner, now=at("14:05"), role="team-lead", user=stage.on_call("legal"))
    resolve_incident(incident, by=owner, now=at("15:00"), reason="it was quiet")

    incident.refresh_from_db()
    meeting = meeting_of(incident)
    assert {person.handle for person in meeting.people} == {"engineering-lead", "owner", "legal"}
    assert meeting.length == timedelta(hours=1)
    with pytest.raises(InvalidInput):
        schedule_meeting(incident, by=owner, now=at("15:01"), at=at("14:59", day=16))
    schedule_meeting(incident, by=owner, now=at("15:01"), at=at("15:00", day=16))
    assert owes(incident) == ["Thu 15:00 postmortem: commander"]
