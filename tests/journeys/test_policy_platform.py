"""Document 002, played: the analysis engine fails, SEV2; and each level on the clock.

Times are Berlin wall time; 15 May 2026 is a Friday.
"""

from datetime import date, datetime

import pytest

from escalation.actions.page import acknowledge_page
from incidents.actions.checklist.check import tick_item
from incidents.actions.mitigation import start_mitigation
from incidents.actions.runbook import take_up_runbook
from incidents.actions.status import resolve_incident, stop_bleeding
from incidents.enums import PromiseKind
from incidents.models import Incident
from incidents.queries.scenario import act_at
from tests.factories.policy import preset_text
from tests.journeys.cast import by_web
from tests.journeys.sink import Sink
from tests.journeys.stage import Stage, checklist_of, moment, owed, page_of, rung, set_stage, tick

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]


def at(clock: str, day: int = 15) -> datetime:
    return moment(date(2026, 5, day), clock)


@pytest.fixture
def stage(sink: Sink) -> Stage:
    return set_stage(preset_text("platform"), sink.url, now=at("09:00"))


def boxes(incident: Incident) -> dict[str, tuple[datetime | None, datetime | None, int]]:
    """{phase: (begins, ends, items to do)}."""
    return {part.key: (part.begins_at, part.ends_at, len(part.to_do)) for part in checklist_of(incident)}


@pytest.mark.parametrize(
    ("level", "owes"),
    [
        ("SEV1", {}),  # at once: there is no moment to wait for
        ("SEV2", {PromiseKind.RESPOND: ("14:15", 15)}),
        ("SEV3", {PromiseKind.RESPOND: ("15:00", 15)}),
        ("SEV4", {PromiseKind.RESPOND: ("17:00", 18)}),  # the next business day after a Friday
    ],
)
def test_each_level_responds_in_its_time(stage: Stage, level: str, owes: dict[str, tuple[str, int]]) -> None:
    """2.1."""
    incident = stage.declare(level, at("14:00"))

    assert owed(incident) == {kind: at(clock, day) for kind, (clock, day) in owes.items()}
    assert rung() == ([] if level == "SEV4" else ["14:00 primary: owner"])


def test_the_sev2_of_the_document_from_triage_to_the_postmortem(stage: Stage) -> None:
    """2.3, 2.4, 2.6: five minutes of triage, a quick mitigation, then what is written down afterwards."""
    incident = stage.declare("SEV2", at("14:00"), "The analysis engine fails")
    owner = by_web(stage.on_call("owner"))
    acknowledge_page(page_of("primary"), by=owner, now=at("14:01"))
    assert incident.commander == owner.user
    assert boxes(incident)["triage"] == (at("14:00"), at("14:05"), 4)

    triage = checklist_of(incident)[0]
    assert [item.command for item in triage.items] == [
        "get_fleet_summary",
        "get_system_health",
        "helm history {release} -n {namespace}",
        "",
    ]
    for item in triage.items:
        tick_item(incident, by=owner, now=at("14:04"), number=item.number)
    assert boxes(incident)["triage"][2] == 0
    assert owed(incident) == {}

    catalogue = incident.level.version.mitigations.values_list("slug", flat=True)
    assert list(catalogue) == ["rollback", "scale-down", "restart"]
    values = {"release": "core", "revision": "41", "namespace": "core-prod"}
    rollback = start_mitigation(incident, by=owner, now=at("14:20"), option="rollback", values=values)
    assert rollback is not None
    assert rollback.command == "helm rollback core 41 -n core-prod"
    assert owed(incident) == {}  # the document gives no time after which somebody looks
    stop_bleeding(incident, by=owner, now=at("14:30"))
    resolve_incident(incident, by=owner, now=at("15:00"))

    assert owed(incident) == {PromiseKind.POSTMORTEM: at("17:00", day=22)}
    incident.refresh_from_db()
    moments = (incident.declared_at, incident.mitigated_at, incident.resolved_at)
    assert moments == (at("14:00"), at("14:30"), at("15:00"))


def test_a_sev3_owes_no_postmortem(stage: Stage) -> None:
    incident = stage.declare("SEV3", at("14:00"))
    resolve_incident(incident, by=by_web(stage.on_call("owner")), now=at("15:00"))
    assert owed(incident) == {}


def test_a_provider_that_is_down_is_waited_for_an_hour(stage: Stage) -> None:
    """2.5."""
    incident = stage.declare("SEV2", at("14:00"), "The provider of language models is down")

    taken = take_up_runbook(incident, by=by_web(stage.on_call("owner")), now=at("14:03"), runbook="provider-outage")
    tick(at("14:59"))

    assert act_at(incident, taken.runbook) == at("15:00")
    assert "as soon as the provider has recovered" in taken.runbook.customers
    assert incident.entries.filter(text__contains="there is nothing to do before 15:00").count() == 1
