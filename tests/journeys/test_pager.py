"""Document 000, played: “Pipeline blocks spiking”, SEV2, from the page at 14:23 to the printed postmortem.

Times are Berlin wall time on 18 April 2026. Every rule of the document is an assertion here; deleting its line from
the preset fails the story, which the last test shows line by line.
"""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.enums import Via
from comms.enums import MessageKind, MessageStatus
from comms.models import Message
from escalation.actions.page import acknowledge_page
from escalation.enums import PageStatus
from escalation.models import Page
from incidents.actions.composer import post_line
from incidents.actions.declare import declare_incident
from incidents.actions.impact import set_impact
from incidents.actions.status import close_incident, resolve_incident, stop_bleeding
from incidents.actions.status_update import post_no_change, post_status_update
from incidents.enums import IncidentStatus, PromiseKind
from incidents.models import Incident, Level
from postmortems.actions.action_item import add_action_item, finish_action_item
from postmortems.actions.postmortem import publish_postmortem
from postmortems.actions.review import approve_postmortem, ask_review
from postmortems.actions.section import edit_section
from postmortems.enums import PostmortemStatus
from postmortems.models import Postmortem
from tests.factories.policy import apply_text, level_of, preset_text
from tests.journeys.cast import BERLIN, MONITOR, Cast, assemble, by_web
from tests.journeys.sink import Sink
from tests.journeys.stage import owed, tick

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]


def at(clock: str, day: int = 18) -> datetime:
    """A Berlin wall time of the story."""
    return datetime.combine(date(2026, 4, day), time.fromisoformat(clock), BERLIN)


def play(text: str, sink: Sink) -> None:
    """The whole story under the policy file `text`."""
    cast = assemble(sink.url)
    ladder = apply_text(text, now=at("09:00"))
    sev2 = level_of(ladder, "SEV2")
    incident = declare(cast, sev2, sink)
    mitigate(incident, cast, sink)
    resolve(incident, cast, sink)
    learn(incident, cast)


def declare(cast: Cast, sev2: Level, sink: Sink) -> Incident:
    """14:23: the page, the thread, the commander."""
    incident = declare_incident(
        by=MONITOR, now=at("14:23"), level=sev2, summary="Pipeline blocks spiking", service=cast.service
    )
    tick(at("14:23:01"))
    # 0.1: two clocks, and the one to acknowledge is shorter.
    page = Page.objects.get()
    assert (sev2.acknowledge_within, page.wake_at) == ("5 min", at("14:28"))
    assert owed(incident)[PromiseKind.RESPOND] == at("14:38")
    # 0.2: the primary is rung.
    assert [attempt.user for attempt in page.attempts.all()] == [cast.jens]
    # 0.3: a thread in the standing channel, titled by level and summary.
    assert ("incidents", "[SEV2] Pipeline blocks spiking") in [
        (message.subscription.name, message.subject)
        for message in Message.objects.filter(kind=MessageKind.THREAD, status=MessageStatus.SENT)
    ]
    assert [post["facts"]["title"] for post in sink.posts if post["kind"] == MessageKind.THREAD] == [
        "[SEV2] Pipeline blocks spiking"
    ]
    # 0.4: whoever answers commands, and is told so at once.
    acknowledge_page(page, by=Actor(user=cast.jens, via=Via.LINK), now=at("14:23:48"))
    tick(at("14:23:49"))
    incident.refresh_from_db()
    assert incident.commander == cast.jens
    notice = Message.objects.get(kind=MessageKind.NOTICE, user=cast.jens, status=MessageStatus.SENT)
    assert notice.body.startswith("You command this incident. To pass it on")
    assert Page.objects.get().status == PageStatus.ACKNOWLEDGED
    return incident


def mitigate(incident: Incident, cast: Cast, sink: Sink) -> None:
    """14:26 to 14:49: the record, the updates, the bleeding stopped before the root cause is known."""
    jens, mira = by_web(cast.jens), by_web(cast.mira)
    post_line(incident, by=mira, now=at("14:26"), line="14:15 block rate spike begins (per Grafana)")
    set_impact(
        incident,
        by=jens,
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
    post_line(incident, by=mira, now=at("14:29"), line="identified regression in `detect_injection` (commit abc123)")
    post_line(incident, by=jens, now=at("14:34"), line="hotfix PR merged, deploy to prod in flight")
    # 0.6: an update owed every 30 minutes, reminded before, posted to the channel with the next moment in it.
    assert owed(incident)[PromiseKind.STATUS_UPDATE] == at("14:53")
    tick(at("14:48"))
    assert Message.objects.filter(kind=MessageKind.NUDGE, user=cast.jens).count() == 1
    post_status_update(
        incident, by=jens, now=at("14:50"), status="identified", text="Rolling out a fix to the threshold."
    )
    tick(at("14:50:01"))
    updates = [post for post in sink.posts if post["kind"] == MessageKind.STATUS_UPDATE]
    assert [post["body"] for post in updates] == [
        "Identified. Rolling out a fix to the threshold.\n\nNext update by 15:20 CEST."
    ]
    kept = incident.promises.get(kind=PromiseKind.STATUS_UPDATE, kept_at__isnull=False)
    assert (kept.kept_at, kept.broken_at) == (at("14:50:01"), None)
    # 0.5: stop the bleeding before the root cause; and the live status document.
    stop_bleeding(incident, by=jens, now=at("14:52"))
    incident.refresh_from_db()
    assert (incident.status, incident.mitigated_at) == (IncidentStatus.MONITORING, at("14:52"))
    check_status_document(incident, cast)
    miss_an_update(incident, cast)


def check_status_document(incident: Incident, cast: Cast) -> None:
    """0.5: what is happening, impact, current status, timeline with the newest first, as Markdown."""
    assert incident.level.status_document
    client = Client()
    client.force_login(cast.mira)
    response = client.get(f"{incident.get_absolute_url()}status.md")
    assert response["Content-Type"].startswith("text/markdown")
    text = response.content.decode()
    assert text.startswith("# [SEV2] Pipeline blocks spiking — 2026-04-18 14:23 CEST\n")
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == ["## What's happening", "## Impact", "## Current status", "## Timeline (newest first)"]
    assert "Affected customers: ~12 active" in text
    clocks = [line[2:7] for line in text.splitlines() if line.startswith("- ") and line[4:5] == ":"]
    assert clocks == sorted(clocks, reverse=True)
    assert "14:15" in clocks[-1]


def miss_an_update(incident: Incident, cast: Cast) -> None:
    """0.6: an update that does not come is red at its moment, and escalates."""
    tick(at("15:15"))
    tick(at("15:20"))
    promise = incident.promises.undone().get(kind=PromiseKind.STATUS_UPDATE)
    assert promise.broken_at == at("15:20")
    late = Message.objects.filter(kind=MessageKind.BROKEN_PROMISE, user=cast.jens)
    assert late.count() == 1
    tick(at("15:25"))
    tick(at("15:35"))
    escalated = Page.objects.latest("pk")
    assert [attempt.user for attempt in escalated.attempts.all()] == [cast.ana]
    acknowledge_page(escalated, by=by_web(cast.ana), now=at("15:36"))
    assert incident.commander == cast.jens
    post_no_change(incident, by=by_web(cast.jens), now=at("15:37"))
    tick(at("15:37:01"))
    assert owed(incident) == {PromiseKind.STATUS_UPDATE: at("16:07")}


def resolve(incident: Incident, cast: Cast, sink: Sink) -> None:
    """15:40 to 16:10: resolved, then watched for half an hour, then closed."""
    jens = by_web(cast.jens)
    resolve_incident(incident, by=jens, now=at("15:40"))
    # 0.7 and 0.8: the watch after “resolved”, the postmortem within 48 hours of it; no update is owed any more.
    assert owed(incident) == {PromiseKind.WATCH: at("16:10"), PromiseKind.POSTMORTEM: at("15:40", day=20)}
    assert Page.objects.ringing().count() == 0
    tick(at("15:40:01"))
    assert [post["facts"]["event"] for post in sink.posts if post["kind"] == MessageKind.STATUS_UPDATE][
        -1
    ] == "resolved"
    tick(at("16:10"))
    close_incident(incident, by=jens, now=at("16:11"))
    incident.refresh_from_db()
    assert incident.status == IncidentStatus.CLOSED
    assert owed(incident) == {PromiseKind.POSTMORTEM: at("15:40", day=20)}


def learn(incident: Incident, cast: Cast) -> None:
    """The next day: 0.9 and 0.10."""
    postmortem = Postmortem.objects.get(incident=incident)
    assert (postmortem.status, postmortem.author) == (PostmortemStatus.DRAFT, cast.jens)
    jens, now = by_web(cast.jens), at("10:00", day=19)
    for key, body in {
        "summary": "A threshold regression blocked 18 % of pipeline runs. We rolled it back.",
        "root_cause": "A commit changed the scale of scores and not the threshold.",
        "went_well": "The primary answered in 48 seconds.",
        "went_poorly": "Eight minutes passed before anybody knew.",
    }.items():
        section = postmortem.sections.get(key=key)
        edit_section(section, by=jens, now=now, body=body, revision=section.revision)
    item = add_action_item(
        postmortem,
        by=jens,
        now=now,
        text="Alert when the block rate leaves its daily band for 2 minutes",
        owner=cast.mira,
        due_on=date(2026, 5, 2),
    )
    ask_review(postmortem, by=jens, now=now, reviewers=[cast.mira, cast.ana])
    for reviewer in (cast.mira, cast.ana):
        approve_postmortem(postmortem, by=by_web(reviewer), now=now + timedelta(hours=1))
    publish_postmortem(postmortem, by=jens, now=at("12:00", day=19))
    assert owed(incident) == {PromiseKind.ACTION_ITEM: datetime(2026, 5, 2, 21, 59, 59, tzinfo=UTC)}
    check_document(incident, cast)
    finish_action_item(item, by=by_web(cast.mira), now=at("12:00", day=30))
    assert owed(incident) == {}
    assert incident.promises.get(kind=PromiseKind.POSTMORTEM).kept_at == at("12:00", day=19)


def check_document(incident: Incident, cast: Cast) -> None:
    """0.9: every part that the template of the document has, from the record."""
    client = Client()
    client.force_login(cast.ana)
    text = client.get(f"/postmortems/{incident.reference}.md").content.decode()
    for part in (
        "# Postmortem — [SEV2] Pipeline blocks spiking",
        "**Date:** 2026-04-18",
        "14:15 → 15:40 CEST (85 min)",
        "**Author:** @jens",
        "**Reviewers:** @mira, @ana",
        "A threshold regression blocked 18 %",
        "~12 active (filtering audit trail by provider=openai)",
        "chat completions return 403 policy_denied",
        "block rate spike begins (per Grafana)",
        "A commit changed the scale of scores",
        "The primary answered in 48 seconds.",
        "Eight minutes passed before anybody knew.",
        "| 1 | Alert when the block rate leaves its daily band for 2 minutes | @mira | 2026-05-02 |",
    ):
        assert part in text
    assert "blameless" in text.lower()


def test_the_sev2_of_the_document_from_the_page_to_the_postmortem(sink: Sink) -> None:
    play(preset_text("pager"), sink)


@pytest.mark.parametrize("level", ["SEV1", "SEV2", "SEV3"])
def test_a_page_that_nobody_answers_goes_to_the_next_after_five_minutes_at_every_level(sink: Sink, level: str) -> None:
    """0.2: primary, the next in the rotation, the engineering manager, five minutes apart."""
    cast = assemble(sink.url)
    ladder = apply_text(preset_text("pager"), now=at("09:00"))
    declare_incident(
        by=MONITOR, now=at("14:23"), level=level_of(ladder, level), summary="It is odd", service=cast.service
    )

    rung = []
    for clock in ("14:23", "14:27:59", "14:28", "14:32:59", "14:33", "14:37:59"):
        tick(at(clock))
        rung.append((clock, [attempt.user.handle for attempt in Page.objects.get().attempts.order_by("pk")]))

    assert rung == [
        ("14:23", ["jens"]),
        ("14:27:59", ["jens"]),
        ("14:28", ["jens", "mira"]),
        ("14:32:59", ["jens", "mira"]),
        ("14:33", ["jens", "mira", "ana"]),
        ("14:37:59", ["jens", "mira", "ana"]),
    ]


@pytest.mark.parametrize(
    ("level", "kinds"),
    [
        ("SEV1", {PromiseKind.RESPOND: "14:28", PromiseKind.STATUS_UPDATE: "14:38"}),
        ("SEV2", {PromiseKind.RESPOND: "14:38", PromiseKind.STATUS_UPDATE: "14:53"}),
        ("SEV3", {PromiseKind.RESPOND: "monday"}),
    ],
)
def test_what_each_level_owes_from_its_declaration(sink: Sink, level: str, kinds: dict[str, str]) -> None:
    """0.1 and 0.6: 5 min, 15 min, the next business day (the 18th is a Saturday); updates every 15 and 30 min."""
    cast = assemble(sink.url)
    ladder = apply_text(preset_text("pager"), now=at("09:00"))

    incident = declare_incident(
        by=MONITOR, now=at("14:23"), level=level_of(ladder, level), summary="It is odd", service=cast.service
    )

    expected = {kind: at("17:00", day=20) if clock == "monday" else at(clock) for kind, clock in kinds.items()}
    assert owed(incident) == expected


def test_a_sev3_owes_no_document_and_no_postmortem(sink: Sink) -> None:
    cast = assemble(sink.url)
    ladder = apply_text(preset_text("pager"), now=at("09:00"))
    incident = declare_incident(
        by=MONITOR, now=at("14:23"), level=level_of(ladder, "SEV3"), summary="It is odd", service=cast.service
    )

    resolve_incident(incident, by=by_web(cast.jens), now=at("15:00"))

    assert not incident.level.status_document
    assert owed(incident) == {PromiseKind.WATCH: at("15:30")}
    assert not Postmortem.objects.exists()


RULES_OF_SEV2 = (
    "acknowledge_within:",
    "respond_within:",
    "- group:",
    "makes_commander:",
    "mode:",
    "channel:",
    "status_document:",
    "for:",
    "order:",
    "- what: status_update",
    "within: 30 min",
    "to:",
    "remind_before: 5 min",
    "escalate_policy:",
    "- what: postmortem",
    "within: 48 h",
)


def without(rule: str) -> str:
    """The preset without the first line of SEV2 that begins with `rule`."""
    lines = preset_text("pager").splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.strip() == "- name: SEV2")
    gone = next(number for number in range(start, len(lines)) if lines[number].strip().startswith(rule))
    return "".join(lines[:gone] + lines[gone + 1 :])


@pytest.mark.parametrize("rule", RULES_OF_SEV2)
def test_the_story_fails_without_this_line_of_the_preset(sink: Sink, rule: str) -> None:
    text = without(rule)
    assert text != preset_text("pager")

    with pytest.raises(Exception) as failure:  # noqa: PT011 - whichever assertion or refusal the line held up
        play(text, sink)

    assert not isinstance(failure.value, (ImportError, SyntaxError, TypeError))
