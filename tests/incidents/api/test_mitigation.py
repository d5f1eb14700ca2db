"""Mitigations by API: the catalogue, begun once, answered, rolled back."""

from uuid import uuid4

import pytest

from tests.api import Machine
from tests.factories.ladder import MitigationOptionFactory
from tests.factories.working import MitigationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def option(ladder):
    return MitigationOptionFactory(
        version=ladder,
        slug="scale-up",
        name="Scale up",
        command="scale {service}",
        way_back="scale --down {service}",
        watch_for="10 min",
    )


def test_one_of_the_catalogue_is_begun_answered_and_rolled_back(ana, incident, press, option):
    machine = Machine(ana, "read")
    path = f"/incidents/{incident.reference}"
    [offered] = machine.get(f"{path}/mitigation-options")[1]
    assert (offered["slug"], offered["command"], offered["names"]) == ("scale-up", "scale {service}", ["service"])

    status, begun = press("mitigations", {"option": "scale-up", "values": {"service": "pipe line"}})
    assert (status, begun["command"], begun["way_back"]) == (201, "scale 'pipe line'", "scale --down 'pipe line'")
    assert begun["check_at"] == "2026-04-18T12:33:00Z"
    assert press("mitigations/1/outcome", {"outcome": "partial"})[1]["outcome"] == "partial"
    assert press("mitigations/1/remaining", {"text": "one zone"})[1]["remaining"] == "one zone"
    status, undoing = press("mitigations/1/roll-back", {})

    assert (status, undoing["number"], undoing["command"]) == (201, 2, "scale --down 'pipe line'")
    shown = machine.get(f"{path}/mitigations")[1]
    assert [(row["number"], row["outcome"], row["remaining"]) for row in shown] == [
        (1, "partial", "one zone"),
        (2, "", ""),
    ]
    assert sorted(machine.get(path)[1]["mitigations"], key=lambda row: row["number"]) == shown


def test_the_same_key_begins_one(incident, press):
    asked = {"name": "Restart it", "command": "restart", "submission_key": str(uuid4())}

    first, again = press("mitigations", asked), press("mitigations", asked)

    assert ([first[0], again[0]], first[1]) == ([201, 200], again[1])
    assert incident.mitigations.count() == 1


def test_what_somebody_else_said_meanwhile_is_not_overwritten(incident, press):
    MitigationFactory(incident=incident, number=1, name="Restart it")
    press("mitigations/1/outcome", {"outcome": "none"})

    status, answer = press("mitigations/1/outcome", {"outcome": "worse", "seen": ""})

    assert (status, answer["detail"]) == (
        409,
        "@ana was quicker at 12:23 UTC: “Restart it”: no effect. Look again first.",
    )


@pytest.mark.parametrize(
    ("door", "asked", "field"),
    [
        ("mitigations", {}, "name"),
        ("mitigations", {"option": "gone"}, "option"),
        ("mitigations/1/outcome", {"outcome": "x"}, "outcome"),
        ("mitigations/7/outcome", {"outcome": "none"}, ""),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(incident, press, door, asked, field):
    MitigationFactory(incident=incident, number=1)

    status, answer = press(door, asked)

    assert (status, answer["field"]) == (422, field)
