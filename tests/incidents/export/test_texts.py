"""Texts of the ladder, filled in: a value is plain text, and what is not known leaves no trace."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.enums import DataIntegrity, IncidentStatus, Occasion, RevenueImpact, TextAudience
from incidents.export.texts import Said, choose_text, difference, fill, impact_of, values_of
from incidents.models import Incident, MessageTemplate, StatusUpdate
from incidents.models.ladder.text import PLACEHOLDERS
from tests.factories import NOW
from tests.factories.incidents import IncidentFactory, LevelFactory

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{level}: {summary}", "SEV1: Down"),
        ("{level}: {cause}", ""),
        ("Cause: {cause}\nLevel: {level}", "Level: SEV1"),
        ("Impact:\n{impact}\n\nLevel: {level}", "Level: SEV1"),
        ("## Impact\n\n{impact}\n{cause}\n\n## Level\n{level}", "## Level\nSEV1"),
        ("**Impact:**\n{impact}\nand {level}", "**Impact:**\nand SEV1"),
        ("What follows:\n\n- {level}", "What follows:\n\n- SEV1"),
        ("Hello:\n\nNothing was asked here.", "Hello:\n\nNothing was asked here."),
        ("A\n{cause}\n\n{impact}\n\nB", "A\n\nB"),
        ("{unknown_word} is here\nBut {level}", "But SEV1"),
        ("Braces {Level} and { level } stay", "Braces {Level} and { level } stay"),
        ("{hostile}", "{level} %s {0.__class__} <b>&</b>"),
    ],
)
def test_a_missing_value_takes_its_line_and_its_label_with_it(text, filled):
    values = {"level": "SEV1", "summary": "Down", "impact": "  ", "hostile": "{level} %s {0.__class__} <b>&</b>"}

    assert fill(text, values) == filled


def text_for(*levels: str, text: str) -> MessageTemplate:
    return MessageTemplate(audience=TextAudience.PUBLIC, occasion=Occasion.UPDATE, levels=list(levels), text=text)


@pytest.mark.parametrize(
    ("texts", "level", "chosen"),
    [
        ([("", "all"), ("P0", "worst")], "P0", "worst"),
        ([("", "all"), ("P0", "worst")], "P1", "all"),
        (
            [("P0", "worst")],
            "P1",
            "{status}.\n{impact}\n{action}\nExpected to be over: {eta}\nNext update by {next_update}.",
        ),
    ],
)
def test_the_text_of_the_level_goes_before_that_of_all_and_ours_comes_last(texts, level, chosen):
    rows = [text_for(*([name] if name else []), text=text) for name, text in texts]

    assert choose_text(rows, TextAudience.PUBLIC, Occasion.UPDATE, level) == chosen


@pytest.mark.django_db
def test_every_placeholder_of_the_policy_is_known_here(settings):
    settings.MUSTER_URL = "https://muster.example"
    incident = IncidentFactory(
        level=LevelFactory(name="P0"),
        symptom="403",
        customers="~12",
        data_integrity=DataIntegrity.SUSPECTED,
        revenue=RevenueImpact.ESTIMATED,
        revenue_note="200 €",
        resolved=True,
    )
    said = Said(action="Rolling back", cause="A deploy", eta="15:00")

    values = values_of(
        incident,
        said,
        now=NOW,
        zone=BERLIN,
        next_by=NOW + timedelta(minutes=15),
        commander="@jens",
        resolution="Rolled back",
        thanks="@jens, @ana",
    )

    assert set(PLACEHOLDERS) - set(values) == {"service"}
    assert {name: values[name] for name in ("impact", "business_impact", "duration", "next_update", "room")} == {
        "impact": "403. Affected: ~12.",
        "business_impact": "revenue loss estimated 200 €, data at risk suspected",
        "duration": "30 min",
        "next_update": "14:38 CEST",
        "room": f"https://muster.example/incidents/{incident.reference}/",
    }


def test_an_unknown_impact_says_nothing():
    assert impact_of(Incident(summary="x")) == ""


def test_own_words_stand_alone_as_they_were_typed_and_are_whole_sentences_beside_others():
    assert Said(text="We found it").paragraph == "We found it"
    assert Said(text="We found it", action="Rolling back!", eta="15:00").paragraph == (
        "We found it. Rolling back! Expected to be over: 15:00."
    )


def test_the_difference_names_what_changed_and_nothing_else():
    last = StatusUpdate(status=IncidentStatus.INVESTIGATING, impact="403", action="Looking", cause="", eta="soon")
    same = Said(impact="403", action="Looking", eta="soon")
    other = Said(impact="403 and 500", action="Looking", cause="A deploy")

    assert difference(last, IncidentStatus.INVESTIGATING, same) == []
    assert difference(last, IncidentStatus.IDENTIFIED, other) == [
        "status investigating → identified",
        "impact changed",
        "cause new",
        "when it ends no longer said",
    ]
