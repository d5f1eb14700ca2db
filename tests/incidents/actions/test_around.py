"""What is around an incident: how services are, what was deployed, what customers say."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.actor import Actor
from accounts.enums import TokenScope, Via
from core.errors import InvalidInput, NotAllowed, WrongState
from incidents.actions import affected_service, customer_report, deployment
from incidents.actions.affected_service import set_service_state
from incidents.actions.customer_report import add_report
from incidents.actions.deployment import Said, note_deployment, record_deployment
from incidents.models import AffectedService, CustomerReport, Deployment, Incident
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.working import AffectedServiceFactory
from tests.incidents.actions.conftest import texts


def fail(*_: object, **__: object) -> None:
    """Break half way."""
    raise IntegrityError("the disk is full")


# --- services ---
def test_how_a_service_is_has_its_history_in_the_timeline(incident: Incident, ana: Actor, now: datetime) -> None:
    service = ServiceFactory(slug="api")
    for minute, state in enumerate(("down", "down", "degraded", "ok")):
        set_service_state(incident, by=ana, now=now + timedelta(minutes=minute), service=service, state=state)

    row = incident.affected_services.get()
    incident.refresh_from_db()
    assert (row.state, row.set_at, row.set_by) == ("ok", now + timedelta(minutes=3), ana.user)
    assert texts(incident)[-3:] == ["api is down", "api is degraded, was down", "api is ok, was degraded"]
    assert incident.service is None


def test_another_state_others_and_a_closed_record_are_refused(incident: Incident, ana: Actor, now: datetime) -> None:
    service = ServiceFactory()
    with pytest.raises(InvalidInput, match="“slow” is none of down, degraded, ok"):
        set_service_state(incident, by=ana, now=now, service=service, state="slow")
    viewer = ActorFactory(user=UserFactory(viewer=True))
    with pytest.raises(NotAllowed):
        set_service_state(incident, by=viewer, now=now, service=service, state="down")
    with pytest.raises(WrongState):
        set_service_state(IncidentFactory(number=77, closed=True), by=ana, now=now, service=service, state="down")

    assert AffectedService.objects.count() == 0


def test_a_state_that_breaks_half_way_leaves_nothing(
    incident: Incident, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(affected_service, "write_entry", fail)
    with pytest.raises(IntegrityError):
        set_service_state(incident, by=ana, now=now, service=ServiceFactory(), state="down")

    assert AffectedService.objects.count() == 0


# --- customers ---
def test_whoever_talks_to_customers_counts_them_without_acting_in_it(incident: Incident, now: datetime) -> None:
    support = Actor(user=UserFactory(viewer=True))
    before = Incident.objects.get(pk=incident.pk).last_activity_at
    said = len(texts(incident))
    for minute in range(10):
        note = "Acme: no answers" if minute == 4 else ""
        add_report(incident, by=support, now=now + timedelta(minutes=minute), note=note)

    assert incident.customer_reports.count() == 10
    assert texts(incident)[said:] == [
        "1 customer reports it",
        "5 customers report it: Acme: no answers",
        "10 customers report it",
    ]
    assert Incident.objects.get(pk=incident.pk).last_activity_at == before


def test_the_same_press_counts_once(incident: Incident, ana: Actor, now: datetime) -> None:
    key = uuid.uuid4()
    for _ in range(2):
        add_report(incident, by=ana, now=now, submission_key=key)

    assert incident.customer_reports.count() == 1


def test_whoever_may_not_see_it_or_only_reads_counts_nobody(ana: Actor, now: datetime) -> None:
    private = IncidentFactory(private_to=[ana.user])
    outsider = Actor(user=UserFactory(admin=True))
    reader = Actor(user=ana.user, via=Via.API, scope=TokenScope.READ)
    for by in (outsider, reader):
        with pytest.raises(NotAllowed, match="may not report for customers here"):
            add_report(private, by=by, now=now)
    with pytest.raises(WrongState):
        add_report(IncidentFactory(number=77, closed=True), by=ana, now=now)
    with pytest.raises(InvalidInput, match="holds 200"):
        add_report(private, by=ana, now=now, note="x" * 201)

    assert CustomerReport.objects.count() == 0


def test_a_report_that_breaks_half_way_leaves_nothing(
    incident: Incident, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer_report, "write_entry", fail)
    with pytest.raises(IntegrityError):
        add_report(incident, by=ana, now=now)

    assert CustomerReport.objects.count() == 0


# --- deployments ---
def test_a_deployment_is_said_in_every_open_incident_of_its_service(ana: Actor, now: datetime) -> None:
    api = ServiceFactory(slug="api")
    main, also, other = IncidentFactory(service=api), IncidentFactory(), IncidentFactory(service=ServiceFactory())
    AffectedServiceFactory(incident=also, service=api)
    closed, private = IncidentFactory(service=api, closed=True), IncidentFactory(service=api, private_to=[])
    ci = Actor(user=ana.user, via=Via.API, scope=TokenScope.RESPOND)
    said = Said(api, "2.3", at=now - timedelta(minutes=20), by="Jens", source="ci", external_id="7")

    row, is_new = record_deployment(said, by=ci, now=now)

    assert is_new
    assert (row.version, row.by, row.recorded_by) == ("2.3", "Jens", ana.user)
    text = "Deployed api 2.3 at 12:03 UTC by Jens"
    assert [texts(each) for each in (main, also, other, closed, private)] == [[text], [text], [], [], [text]]


def test_the_same_id_of_the_same_source_is_the_same_deployment(ana: Actor, now: datetime) -> None:
    api = ServiceFactory(slug="api")
    incident = IncidentFactory(service=api)
    first, _ = record_deployment(Said(api, "2.3", source="ci", external_id="7"), by=ana, now=now)
    again, is_new = record_deployment(Said(api, "2.4", source="ci", external_id="7"), by=ana, now=now)
    other, other_is_new = record_deployment(Said(api, "2.5", source="cd", external_id="7"), by=ana, now=now)

    assert (again, is_new, again.version) == (first, False, "2.3")
    assert (other_is_new, other.version) == (True, "2.5")
    assert len(texts(incident)) == 2


def test_what_went_out_long_before_is_kept_and_said_nowhere(ana: Actor, now: datetime) -> None:
    api = ServiceFactory()
    incident = IncidentFactory(service=api)
    record_deployment(Said(api, "1.0", at=now - timedelta(hours=25)), by=ana, now=now)

    assert (Deployment.objects.count(), texts(incident)) == (1, [])


def test_a_deployment_by_hand_is_said_where_it_was_written_down(incident: Incident, ana: Actor, now: datetime) -> None:
    key, said = uuid.uuid4(), Said(ServiceFactory(slug="web"), "9")
    for _ in range(2):
        note_deployment(incident, by=ana, now=now + timedelta(minutes=1), said=said, submission_key=key)

    assert Deployment.objects.count() == 1
    assert texts(incident)[-1] == "Deployed web 9 at 12:24 UTC"
    assert Incident.objects.get(pk=incident.pk).last_activity_at == now + timedelta(minutes=1)


def test_a_deployment_noted_in_a_private_room_is_written_into_no_other(ana: Actor, now: datetime) -> None:
    api = ServiceFactory(slug="api")
    other, private = IncidentFactory(service=api), IncidentFactory(service=api, private_to=[ana.user])
    note_deployment(private, by=ana, now=now, said=Said(api, "the build that was tampered with"))

    assert (len(texts(private)), texts(other)) == (1, [])


@pytest.mark.parametrize(
    ("words", "sentence", "field"),
    [
        ({"version": " "}, "Say which version was deployed", "version"),
        ({"at": datetime.fromisoformat("2026-04-18T13:00:00+00:00")}, "has not come yet", "deployed_at"),
        ({"url": "javascript:alert(1)"}, "valid URL", "url"),
        ({"by": "x" * 121}, "holds 120", "by"),
    ],
)
def test_a_deployment_that_makes_no_sense_is_refused(
    ana: Actor, now: datetime, words: dict[str, object], sentence: str, field: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        record_deployment(Said(ServiceFactory(), **{"version": "1", **words}), by=ana, now=now)

    assert (refusal.value.field, Deployment.objects.count()) == (field, 0)


def test_who_may_not_act_writes_down_no_deployment(incident: Incident, ana: Actor, now: datetime) -> None:
    said = Said(ServiceFactory(), "1")
    with pytest.raises(NotAllowed, match="ask an admin for the access level Responder"):
        record_deployment(said, by=ActorFactory(user=UserFactory(viewer=True)), now=now)
    with pytest.raises(NotAllowed, match="only reads"):
        record_deployment(said, by=Actor(ana.user, Via.API, TokenScope.READ), now=now)
    with pytest.raises(WrongState):
        note_deployment(IncidentFactory(number=77, closed=True), by=ana, now=now, said=said)

    assert Deployment.objects.count() == 0


def test_a_deployment_that_breaks_half_way_leaves_nothing(
    incident: Incident, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployment, "write_entry", fail)
    with pytest.raises(IntegrityError):
        note_deployment(incident, by=ana, now=now, said=Said(ServiceFactory(), "1"))

    assert Deployment.objects.count() == 0
