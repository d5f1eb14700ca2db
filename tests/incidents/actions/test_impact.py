"""What it does to whom."""

import json
from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from core.errors import Conflict, InvalidInput
from escalation.models import Page
from incidents.actions.impact import seen_of, set_impact, set_service
from incidents.actions.status import resolve_incident
from incidents.models import Incident
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.escalation import ServiceFactory
from tests.incidents.actions.conftest import texts


def test_the_impact_is_set_and_each_change_is_said(incident: Incident, ana: Actor, now: datetime) -> None:
    set_impact(incident, by=ana, now=now, customers="~12 on one provider (audit log)", customers_count=12, symptom="")
    set_impact(incident, by=ana, now=now, customers_count=12, data_integrity="none")

    incident.refresh_from_db()
    assert (incident.customers_count, incident.data_integrity) == (12, "none")
    assert texts(incident)[-2:] == [
        "Customers affected: ~12 on one provider (audit log) · Number of customers: 12",
        "Data integrity: None",
    ]


def test_the_beginning_is_set_and_may_be_unknown_again(
    incident: Incident, ana: Actor, now: datetime, settings: object
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"  # type: ignore[attr-defined]
    set_impact(incident, by=ana, now=now, impact_began_at=now - timedelta(minutes=8))
    assert texts(incident)[-1] == "Impact began: 2026-04-18 14:15 CEST"

    set_impact(incident, by=ana, now=now, impact_began_at=None)
    assert texts(incident)[-1] == "Impact began: unknown"


@pytest.mark.parametrize(
    "fields",
    [
        {"impact_began_at": datetime.fromisoformat("2026-04-18T12:24:00+00:00")},
        {"data_integrity": "perhaps"},
        {"customers_count": -1},
        {"customers": "x" * 201},
        {"king": "no field"},
    ],
)
def test_an_impact_that_the_record_cannot_hold_changes_nothing(
    incident: Incident, ana: Actor, now: datetime, fields: dict[str, object]
) -> None:
    said = texts(incident)

    with pytest.raises(InvalidInput) as refusal:
        set_impact(incident, by=ana, now=now, **fields)

    assert refusal.value.field == next(iter(fields))
    assert texts(incident) == said


def test_it_cannot_begin_after_it_was_resolved(incident: Incident, ana: Actor, now: datetime) -> None:
    resolve_incident(incident, by=ana, now=now)

    with pytest.raises(InvalidInput, match="cannot have begun later"):
        set_impact(incident, by=ana, now=now + timedelta(hours=1), impact_began_at=now + timedelta(minutes=1))


def test_another_service_is_named_and_rings_nobody(incident: Incident, ana: Actor, now: datetime) -> None:
    pages = Page.objects.count()
    set_service(incident, by=ana, now=now, service=ServiceFactory(slug="chat-gateway"))
    set_service(incident, by=ana, now=now, service=ServiceFactory(slug="payments"))

    assert texts(incident)[-2:] == ["Service: chat-gateway", "Service: payments, was chat-gateway"]
    assert Page.objects.count() == pages


def test_two_who_write_the_same_field_at_once_overwrite_nothing(incident: Incident, ana: Actor, now: datetime) -> None:
    seen = seen_of(incident)
    jo = ActorFactory(user=UserFactory(handle="jo"))
    set_impact(incident, by=jo, now=now, seen=seen, customers="12", symptom="403")
    before = texts(incident)

    with pytest.raises(Conflict) as refused:
        set_impact(incident, by=ana, now=now, seen=seen, customers="40", symptom="")

    incident.refresh_from_db()
    assert (incident.customers, incident.symptom, texts(incident)) == ("12", "403", before)
    assert str(refused.value) == (
        "@jo changed it at 12:23 UTC while you were writing: Customers affected: 12. Nothing of yours was saved yet."
    )


def test_two_who_write_different_fields_at_once_both_keep_theirs(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    seen = seen_of(incident)
    began = now - timedelta(minutes=8)
    set_impact(incident, by=ana, now=now, seen=seen, customers="12", symptom="", impact_began_at=None)
    set_impact(incident, by=ana, now=now, seen=seen, customers="", symptom="403", impact_began_at=began)

    incident.refresh_from_db()
    assert (incident.customers, incident.symptom, incident.impact_began_at) == ("12", "403", began)


def test_two_who_write_the_same_words_do_not_contradict(incident: Incident, ana: Actor, now: datetime) -> None:
    seen = seen_of(incident)
    for _ in range(2):
        set_impact(incident, by=ana, now=now, seen=seen, customers="12")

    assert texts(incident)[-1] == "Customers affected: 12"


def test_what_was_seen_is_kept_as_json_keeps_it(incident: Incident, now: datetime) -> None:
    incident.revenue_amount, incident.impact_began_at = 200, now
    seen = json.loads(json.dumps(seen_of(incident)))

    assert (seen["revenue_amount"], seen["impact_began_at"]) == (200, now.isoformat())
