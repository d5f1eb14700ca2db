"""Document 000, played: “Pipeline blocks spiking”, SEV2, from the page at 14:23 to the printed postmortem; each level.

Times are Berlin wall time on 18 April 2026, a Saturday. The owner of the service is the primary.
"""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import User
from comms.enums import MessageKind
from escalation.actions.page import acknowledge_page
from escalation.enums import PageStatus
from escalation.models import Page
from incidents.actions.composer import post_line
from incidents.actions.impact import set_impact
from incidents.actions.role import assign_role
from incidents.actions.status import close_incident, resolve_incident, stop_bleeding
from incidents.actions.status_update import post_no_change, post_status_update
from incidents.enums import IncidentStatus, PromiseKind
from incidents.forms.status_update import prefilled
from incidents.models import Incident
from incidents.queries.owed import facts_of_one
from postmortems.actions.action_item import add_action_item, finish_action_item
from postmortems.actions.postmortem import publish_postmortem
from postmortems.actions.review import approve_postmortem, ask_review
from postmortems.actions.section import edit_section
from postmortems.enums import PostmortemStatus
from postmortems.models import Postmortem
from tests.journeys.cast import by_web
from tests.journeys.sink import Sink
from tests.journeys.stage import (
    Stage,
    answer_all,
    asked,
    chosen_by,
    duties_in,
    goes_on_at,
    moment,
    owed,
    owes,
    page_of,
    posted,
    room_of,
    rung,
    tick,
    told,
    words_to,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]
PRESET = "pager"
LEVELS = ["SEV1", "SEV2", "SEV3"]


def at(clock: str, day: int = 18) -> datetime:
    """A Berlin wall time of the story."""
    return moment(date(2026, 4, day), clock)


BEGINS = at("09:00")


# --- each level ----------------------------------------------------------------------------------------------------


def test_whoever_declares_reads_how_soon_somebody_responds(stage: Stage) -> None:
    """0.1, 0.2: five minutes to answer the page, at every level; then 5 min, 15 min, the next business day."""
    rings = "Rings primary; an answer is owed within 5 min."
    assert chosen_by() == {
        "SEV1": f"{rings} Response: 5 min. Status update every 15 min.",
        "SEV2": f"{rings} Response: 15 min. Status update every 30 min.",
        "SEV3": f"{rings} Response: next business day.",
    }


@pytest.mark.parametrize(
    ("level", "owed", "document"),
    [
        ("SEV1", ["Sat 14:28 respond: commander", "Sat 14:38 status_update: commander"], True),
        ("SEV2", ["Sat 14:38 respond: commander", "Sat 14:53 status_update: commander"], True),
        ("SEV3", ["Mon 17:00 respond: commander"], False),
    ],
)
def test_the_first_minutes_of_each_level(
    stage: Stage, sink: Sink, level: str, owed: list[str], document: bool
) -> None:
    """0.1 to 0.6: the primary is rung and commands by answering; a thread; updates every 15 and 30 min."""
    incident = stage.declare(level, at("14:23"), "Pipeline blocks spiking")
    assert rung() == ["14:23 primary: owner"]
    assert goes_on_at() == ["14:28 primary"]
    assert owes(incident) == owed
    threads = posted(sink, MessageKind.THREAD)
    assert [(post["to"], post["facts"]["title"], post["facts"]["room"]) for post in threads] == [
        ("incidents", f"[{level}] Pipeline blocks spiking", "")
    ]
    assert incident.level.status_document is document
    seen = room_of(incident, stage.on_call("owner"), at("14:24"))
    assert prefilled(seen)["tell_public"] is False
    assert asked(incident) == {"response": ["Stop the bleeding; the"]}

    answer_all(at("14:24"))
    tick(at("14:24"))

    assert incident.commander == stage.on_call("owner")
    said = words_to(stage.on_call("owner"), MessageKind.NOTICE)
    assert said.startswith("You command this incident. To pass it on")
    assert "Stop the bleeding first. Look for the root cause when it has stopped." in said


@pytest.mark.parametrize(("level", "next_by"), [("SEV1", "14:43"), ("SEV2", "14:58")])
def test_updates_by_the_clock_in_the_channel(stage: Stage, sink: Sink, level: str, next_by: str) -> None:
    """0.6."""
    incident = stage.declare(level, at("14:23"), "Pipeline blocks spiking")
    answer_all(at("14:24"))
    post_status_update(incident, by=by_web(stage.on_call("owner")), now=at("14:28"), text="A fix is on its way.")
    tick(at("14:28:01"))

    said = [(post["to"], post["body"]) for post in posted(sink, MessageKind.STATUS_UPDATE)]
    assert said == [("incidents", f"Investigating. A fix is on its way.\n\nNext update by {next_by} CEST.")]
    assert owed(incident)[PromiseKind.STATUS_UPDATE] == at(next_by)


@pytest.mark.parametrize("level", LEVELS)
def test_it_is_watched_after_it_is_resolved_and_then_written_up(stage: Stage, level: str) -> None:
    """0.7, 0.8: half an hour at every level; a postmortem in two days, but for what only we have noticed."""
    incident = stage.declare(level, at("14:23"), "Pipeline blocks spiking")
    answer_all(at("14:24"))

    resolve_incident(incident, by=by_web(stage.on_call("owner")), now=at("15:00"))

    postmortem = [] if level == "SEV3" else ["Mon 15:00 postmortem: commander"]
    assert owes(incident) == ["Sat 15:30 watch: commander", *postmortem]
    assert Postmortem.objects.filter(incident=incident).exists() is (level != "SEV3")


def test_there_is_one_role_and_two_that_may_stay_empty(stage: Stage) -> None:
    """0.4."""
    incident = stage.declare("SEV1", at("14:23"))
    seen = room_of(incident, stage.on_call("owner"), at("14:24"))

    assert list(duties_in(seen)) == ["commander", "deputy", "scribe"]
    assert duties_in(seen)["commander"].startswith("You run the incident;")
    assert facts_of_one(incident).empty_seats == []


# --- the SEV2 of the document --------------------------------------------------------------------------------------


def test_the_sev2_of_the_document_from_the_page_to_the_postmortem(stage: Stage, sink: Sink) -> None:
    primary, scribe = stage.on_call("owner"), stage.on_call("platform-primary")
    incident = stage.declare("SEV2", at("14:23"), "Pipeline blocks spiking")
    acknowledge_page(page_of("primary"), by=by_web(primary), now=at("14:23:48"))
    assign_role(incident, by=by_web(primary), now=at("14:25"), role="scribe", user=scribe)
    assert Page.objects.get().status == PageStatus.ACKNOWLEDGED
    mitigate(incident, primary, scribe)
    check_status_document(incident, scribe)
    miss_an_update(incident, stage)
    resolve(incident, primary, sink)
    learn(incident, primary, scribe, stage.on_call("engineering-manager"))


def mitigate(incident: Incident, primary: User, scribe: User) -> None:
    """14:26 to 14:52: the record, the updates, the bleeding stopped before the root cause is known."""
    by, noting = by_web(primary), by_web(scribe)
    post_line(incident, by=noting, now=at("14:26"), line="14:15 block rate spike begins (per Grafana)")
    set_impact(
        incident,
        by=by,
        now=at("14:27"),
        impact_began_at=at("14:15"),
        what_happens="Pipeline block rate on prod jumped from ~0.2 % to 18 %.",
        customers="~12 active (filtering audit trail by provider=openai)",
        customers_count=12,
        symptom="chat completions return 403 policy_denied",
        data_integrity="none",
        revenue="none",
    )
    assert PromiseKind.RESPOND not in owed(incident)
    post_line(incident, by=noting, now=at("14:29"), line="identified regression in `detect_injection` (commit abc123)")
    post_line(incident, by=by, now=at("14:34"), line="hotfix PR merged, deploy to prod in flight")
    tick(at("14:48"))
    assert told(primary, MessageKind.NUDGE) == 1
    post_status_update(incident, by=by, now=at("14:50"), status="identified", text="Rolling out a fix.")
    tick(at("14:50:01"))
    kept = incident.promises.get(kind=PromiseKind.STATUS_UPDATE, kept_at__isnull=False)
    assert (kept.kept_at, kept.broken_at) == (at("14:50:01"), None)
    stop_bleeding(incident, by=by, now=at("14:52"))
    incident.refresh_from_db()
    assert (incident.status, incident.mitigated_at) == (IncidentStatus.MONITORING, at("14:52"))


def read(reader: User, address: str) -> str:
    """What `reader` gets at `address`, as Markdown."""
    client = Client()
    client.force_login(reader)
    response = client.get(address)
    assert response["Content-Type"].startswith("text/markdown")
    return response.content.decode()


def check_status_document(incident: Incident, reader: User) -> None:
    """0.5: what is happening, impact, current status, timeline with the newest first."""
    text = read(reader, f"{incident.get_absolute_url()}status.md")
    assert text.startswith("# [SEV2] Pipeline blocks spiking — 2026-04-18 14:23 CEST\n")
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == ["## What's happening", "## Impact", "## Current status", "## Timeline (newest first)"]
    assert "Affected customers: ~12 active" in text
    clocks = [line[2:7] for line in text.splitlines() if line.startswith("- ") and line[4:5] == ":"]
    assert clocks == sorted(clocks, reverse=True)
    assert "14:15" in clocks[-1]


def miss_an_update(incident: Incident, stage: Stage) -> None:
    """0.6: an update that does not come is red at its moment, and escalates."""
    primary = stage.on_call("owner")
    tick(at("15:15"))
    tick(at("15:20"))
    promise = incident.promises.undone().get(kind=PromiseKind.STATUS_UPDATE)
    assert promise.broken_at == at("15:20")
    assert told(primary, MessageKind.BROKEN_PROMISE) == 1
    tick(at("15:25"))
    tick(at("15:35"))
    assert [line.rpartition(": ")[2] for line in rung(at("15:00"))] == ["engineering-manager"]
    answer_all(at("15:36"))
    assert incident.commander == primary
    post_no_change(incident, by=by_web(primary), now=at("15:37"))
    tick(at("15:37:01"))
    assert owes(incident) == ["Sat 16:07 status_update: commander"]


def resolve(incident: Incident, primary: User, sink: Sink) -> None:
    """15:40 to 16:11: resolved, then watched for half an hour, then closed."""
    by = by_web(primary)
    resolve_incident(incident, by=by, now=at("15:40"))
    assert owes(incident) == ["Sat 16:10 watch: commander", "Mon 15:40 postmortem: commander"]
    assert Page.objects.ringing().count() == 0
    tick(at("15:40:01"))
    assert posted(sink, MessageKind.STATUS_UPDATE)[-1]["facts"]["event"] == "resolved"
    tick(at("16:10"))
    close_incident(incident, by=by, now=at("16:11"))
    incident.refresh_from_db()
    assert incident.status == IncidentStatus.CLOSED
    assert owes(incident) == ["Mon 15:40 postmortem: commander"]


def learn(incident: Incident, author: User, *reviewers: User) -> None:
    """The next day: 0.9 and 0.10."""
    postmortem = Postmortem.objects.get(incident=incident)
    assert (postmortem.status, postmortem.author) == (PostmortemStatus.DRAFT, author)
    by, now = by_web(author), at("10:00", day=19)
    for key, body in {
        "summary": "A threshold regression blocked 18 % of pipeline runs. We rolled it back.",
        "root_cause": "A commit changed the scale of scores and not the threshold.",
        "went_well": "The primary answered in 48 seconds.",
        "went_poorly": "Eight minutes passed before anybody knew.",
    }.items():
        section = postmortem.sections.get(key=key)
        edit_section(section, by=by, now=now, body=body, revision=section.revision)
    text, owner = "Alert when the block rate leaves its daily band for 2 minutes", reviewers[0]
    item = add_action_item(postmortem, by=by, now=now, text=text, owner=owner, due_on=date(2026, 5, 2))
    ask_review(postmortem, by=by, now=now, reviewers=list(reviewers))
    for reviewer in reviewers:
        approve_postmortem(postmortem, by=by_web(reviewer), now=now + timedelta(hours=1))
    publish_postmortem(postmortem, by=by, now=at("12:00", day=19))
    assert list(owed(incident)) == [PromiseKind.ACTION_ITEM]
    check_postmortem(incident, reviewers[0])
    finish_action_item(item, by=by_web(owner), now=at("12:00", day=30))
    assert owes(incident) == []
    assert incident.promises.get(kind=PromiseKind.POSTMORTEM).kept_at == at("12:00", day=19)


def check_postmortem(incident: Incident, reader: User) -> None:
    """0.9: every part that the template of the document has, from the record."""
    text = read(reader, f"/postmortems/{incident.reference}.md")
    for part in (
        "# Postmortem — [SEV2] Pipeline blocks spiking",
        "**Date:** 2026-04-18",
        "14:15 → 15:40 CEST (85 min)",
        "**Author:** @owner",
        "**Reviewers:** @platform-primary, @engineering-manager",
        "A threshold regression blocked 18 %",
        "~12 active (filtering audit trail by provider=openai)",
        "chat completions return 403 policy_denied",
        "block rate spike begins (per Grafana)",
        "A commit changed the scale of scores",
        "The primary answered in 48 seconds.",
        "Eight minutes passed before anybody knew.",
        "| 1 | Alert when the block rate leaves its daily band for 2 minutes | @platform-primary | 2026-05-02 |",
    ):
        assert part in text
    assert "blameless" in text.lower()
