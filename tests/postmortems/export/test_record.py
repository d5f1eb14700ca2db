"""What the record says by itself."""

from datetime import timedelta

import pytest

from incidents.enums import DataIntegrity, EntryKind, RevenueImpact
from postmortems.export.record import Line, Phase, impact_body, read_head, timeline_lines
from postmortems.queries.postmortem import entries_of
from tests.factories.incidents import IncidentFactory, TimelineEntryFactory
from tests.postmortems.story import berlin


def phases(incident):
    return [(phase.minutes, phase.name) for phase in read_head(incident, entries_of(incident)).phases]


def test_the_head_of_document_000(story):
    head = read_head(story, entries_of(story))

    assert (head.reference, head.title, head.level, head.date, head.duration) == (
        "INC-20260418-0042",
        "Pipeline blocks spiking",
        "SEV2",
        "2026-04-18",
        "14:15 → 15:20 CEST (65 min)",
    )
    assert head.phases == [
        Phase("undetected", 8, "bad"),
        Phase("to find", 6, "warn"),
        Phase("to mitigate", 15, "accent"),
        Phase("watching", 36, "good"),
    ]
    assert type(head).from_json(head.as_json()) == head


def test_over_midnight_the_days_are_named(story):
    story.impact_began_at, story.resolved_at = berlin("23:50"), berlin("01:05", 19)
    assert read_head(story, []).duration == "2026-04-18 23:50 → 2026-04-19 01:05 CEST (75 min)"


def test_over_a_clock_change_both_zones_are_named_and_the_minutes_are_real(story):
    story.impact_began_at = berlin("14:00", 18).replace(month=3, day=29, hour=0, minute=30)
    story.resolved_at = story.impact_began_at + timedelta(minutes=60)
    assert read_head(story, []).duration == "01:30 CET → 03:30 CEST (60 min)"


def test_without_a_known_beginning_it_counts_from_the_declaration(story):
    story.impact_began_at = None
    assert read_head(story, entries_of(story)).duration == "14:23 → 15:20 CEST (57 min, from the declaration)"
    assert phases(story) == [(6, "to find"), (15, "to mitigate"), (36, "watching")]


def test_what_goes_on_has_no_end_and_no_phases(story):
    story.resolved_at = None
    head = read_head(story, [])
    assert (head.duration, head.phases) == ("14:15 CEST → not over yet", [])


def test_seconds_never_make_the_parts_differ_from_the_whole(story):
    story.impact_began_at += timedelta(seconds=50)
    story.mitigated_at += timedelta(seconds=59)
    assert phases(story) == [(8, "undetected"), (6, "to find"), (15, "to mitigate"), (36, "watching")]


@pytest.mark.parametrize(
    ("mitigated", "identified", "expected"),
    [
        ("14:44", "14:50", [(8, "undetected"), (21, "to find and mitigate"), (36, "watching")]),
        ("14:44", None, [(8, "undetected"), (21, "to find and mitigate"), (36, "watching")]),
        (None, "14:29", [(8, "undetected"), (6, "to find"), (51, "to mitigate and watch")]),
        (None, None, [(8, "undetected"), (57, "to find, mitigate and watch")]),
    ],
)
def test_a_stamp_that_is_missing_or_out_of_order_joins_its_spans(story, mitigated, identified, expected):
    story.mitigated_at = berlin(mitigated) if mitigated else None
    entries = [entry for entry in entries_of(story) if entry.kind != EntryKind.STATUS]
    if identified:
        step = {"incident": story, "kind": EntryKind.STATUS, "facts": {"after": "identified"}}
        entries.append(TimelineEntryFactory(**step, happened_at=berlin(identified)))

    head = read_head(story, entries)

    assert [(phase.minutes, phase.name) for phase in head.phases] == expected


def test_the_impact_as_the_document_asks_for_it(story):
    assert impact_body(story) == (
        "- Customers affected: 12 · ~12 active, filtering the audit trail by `provider=openai`\n"
        "- User-visible symptom: Chat completions returned 403 “policy_denied”\n"
        "- Data integrity: None\n"
        "- Revenue impact: None"
    )


def test_what_nobody_looked_at_is_not_known_and_not_none(db):
    incident = IncidentFactory(revenue=RevenueImpact.ESTIMATED, revenue_note="about 400 EUR", customers_count=0)
    assert impact_body(incident) == (
        "- Customers affected: 0\n"
        "- User-visible symptom: Not known\n"
        "- Data integrity: Not known\n"
        "- Revenue impact: Estimated: about 400 EUR"
    )


def test_a_suspicion_is_called_one(story):
    story.data_integrity = DataIntegrity.SUSPECTED
    assert "- Data integrity: Suspected" in impact_body(story).splitlines()


def test_the_timeline_tells_what_happened_oldest_first_without_the_noise(story):
    assert [(line.when, line.text) for line in timeline_lines(entries_of(story))] == [
        ("14:15 CEST", "Block rate spike begins (per Grafana)"),
        ("14:23 CEST", "Declared SEV2"),
        ("14:24 CEST", "@jens answered primary"),
        ("14:29 CEST", "Identified"),
        ("14:34 CEST", "Hotfix PR merged,\ndeploy to **prod** in flight"),
    ]


def test_a_page_that_nobody_answered_is_told(story):
    facts = {"page": "p1", "event": "exhausted"}
    TimelineEntryFactory(
        incident=story, author=None, kind=EntryKind.PAGE, happened_at=berlin("14:50"), text="Nobody", facts=facts
    )
    assert timeline_lines(entries_of(story))[-1] == Line("14:50 CEST", "Nobody", "Nobody")


def test_a_correction_takes_the_place_and_the_moment_of_what_it_corrects(story):
    wrong = story.entries.get(text__startswith="Hotfix")
    TimelineEntryFactory(
        incident=story,
        kind=EntryKind.CORRECTION,
        happened_at=berlin("15:00"),
        text="Rollback merged",
        corrects=wrong,
    )

    assert [(line.when, line.text) for line in timeline_lines(entries_of(story))][-2:] == [
        ("14:29 CEST", "Identified"),
        ("14:34 CEST", "Rollback merged"),
    ]


def test_several_days_are_named_on_every_line(story):
    TimelineEntryFactory(incident=story, happened_at=berlin("09:00", 19), text="Looked again")
    assert [line.when for line in timeline_lines(entries_of(story))][::5] == [
        "2026-04-18 14:15 CEST",
        "2026-04-19 09:00 CEST",
    ]


def test_checks_that_were_passed_or_failed_are_told_and_ticks_are_not(story):
    for text, facts in (
        ("✓ Look at graphs · @ana", {"check": False, "outcome": "passed"}),
        ("✗ Failed: Errors are back: 2 % · @ana", {"check": True, "outcome": "failed"}),
        ("Open again: Errors are back · @ana", {"check": True, "outcome": "open"}),
        ("✓ Errors are back · evidence: graph.png · @ana", {"check": True, "outcome": "passed"}),
    ):
        TimelineEntryFactory(incident=story, kind=EntryKind.CHECK, happened_at=berlin("14:55"), text=text, facts=facts)

    assert [line.text for line in timeline_lines(entries_of(story))][-2:] == [
        "✗ Failed: Errors are back: 2 % · @ana",
        "✓ Errors are back · evidence: graph.png · @ana",
    ]
