"""Incidents that have to do with each other: linked, merged, opened again; private borders hold."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError

from accounts.actor import Actor
from comms.models import Message
from core.errors import InvalidInput, NotAllowed, WrongState
from escalation.models import Page
from incidents.actions import link as link_actions
from incidents.actions.declare import declare_incident
from incidents.actions.link import link_incidents, merge_incident
from incidents.actions.reopen import reopen_incident
from incidents.actions.responder import join_incident
from incidents.actions.role import assign_role
from incidents.actions.status import close_as_no_incident, close_incident, resolve_incident
from incidents.actions.sub_team import set_sub_team
from incidents.actions.task import finish_task, give_task
from incidents.enums import ClosedAs, IncidentStatus, PromiseKind, Relation
from incidents.models import Incident, IncidentLink, LadderVersion, Promise
from incidents.queries.room import room
from tests.factories.accounts import ActorFactory, AudienceFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.incidents import level_of
from tests.incidents.actions.conftest import texts


@pytest.fixture
def other(ladder: LadderVersion, ana: Actor, now: datetime) -> Incident:
    """A second SEV2."""
    return declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary="The database is slow")


def make_private(incident: Incident, *people: Actor) -> Incident:
    incident.refresh_from_db()
    incident.audience = AudienceFactory(members=[by.user for by in people])
    incident.save(update_fields=["audience"])
    return incident


def test_a_link_stands_in_both_rooms_and_both_timelines(
    incident: Incident, other: Incident, ana: Actor, now: datetime
) -> None:
    for _ in range(2):
        link_incidents(incident, by=ana, now=now, to=other, relation="caused_by")

    here, there = (room(each.reference, ana.user, now).links for each in (incident, other))
    assert [(link.word, link.reference, link.level) for link in here] == [("Caused by", other.reference, "SEV2")]
    assert [(link.word, link.reference) for link in there] == [("The cause of", incident.reference)]
    assert texts(incident)[-1] == f"Linked: caused by {other.reference}"
    assert texts(other)[-1] == f"Linked: caused by this one: {incident.reference}"
    assert IncidentLink.objects.count() == 1


def test_a_link_across_a_private_border_is_read_on_the_private_side_alone(
    incident: Incident, other: Incident, ana: Actor, now: datetime
) -> None:
    make_private(other, ana)
    before = texts(incident)

    link_incidents(incident, by=ana, now=now, to=other, relation="related")

    assert texts(incident) == before
    assert texts(other)[-1] == f"Linked: related to this one: {incident.reference}"
    assert [link.reference for link in room(incident.reference, ana.user, now).links] == [other.reference]
    assert room(incident.reference, UserFactory(), now).links == []


@pytest.mark.parametrize("relation", ["duplicate", "sibling", ""])
def test_another_relation_itself_and_what_one_may_not_see_are_refused(
    incident: Incident, other: Incident, ana: Actor, now: datetime, relation: str
) -> None:
    with pytest.raises(InvalidInput, match="is no relation"):
        link_incidents(incident, by=ana, now=now, to=other, relation=relation)
    with pytest.raises(InvalidInput, match="That is this very incident"):
        link_incidents(incident, by=ana, now=now, to=incident, relation="related")
    make_private(other, ActorFactory())
    with pytest.raises(NotAllowed, match="There is no such incident"):
        link_incidents(incident, by=ana, now=now, to=other, relation="related")
    with pytest.raises(NotAllowed, match="There is no such incident"):
        merge_incident(incident, by=ana, now=now, into=other)
    assert IncidentLink.objects.count() == 0


def test_a_duplicate_closes_stops_its_pages_owes_nothing_and_sends_its_people_on(
    incident: Incident, other: Incident, ana: Actor, now: datetime
) -> None:
    tom = ReachableUserFactory(handle="tom")
    assign_role(incident, by=ana, now=now, role="scribe", user=tom)

    merge_incident(incident, by=ana, now=now, into=other)

    incident.refresh_from_db()
    assert (incident.status, incident.closed_as) == (IncidentStatus.CLOSED, ClosedAs.DUPLICATE)
    assert incident.closed_reason == f"a duplicate of {other.reference}"
    assert Promise.objects.open().filter(incident=incident).count() == 0
    assert Page.objects.filter(subject_key=incident.subject_key, stopped_at__isnull=True).count() == 0
    assert Page.objects.filter(subject_key=other.subject_key, stopped_at__isnull=True).count() == 1
    assert texts(incident)[-1] == f"Closed: a duplicate of {other.reference}"
    assert texts(other)[-1] == f"{incident.reference} was merged into this one"
    told = Message.objects.get(user=tom, kind="notice", facts__event="merged")
    assert (told.subject_key, told.subject, told.body) == (
        other.subject_key,
        other.headline,
        f"{incident.reference} is a duplicate; it goes on in {other.reference}.",
    )
    links = [(link.word, link.reference) for link in room(incident.reference, ana.user, now).links]
    assert links == [("A duplicate of", other.reference)]


def test_whoever_works_on_a_duplicate_is_sent_on_and_only_where_they_may_read(
    incident: Incident, other: Incident, ana: Actor, now: datetime
) -> None:
    joined, lead, member, doer, idle, outside = (
        ReachableUserFactory(handle=handle) for handle in ("joined", "lead", "member", "doer", "idle", "outside")
    )
    join_incident(incident, by=ActorFactory(user=joined), now=now)
    set_sub_team(incident, by=ana, now=now, name="database", people=[lead, member, outside])
    give_task(incident, by=ana, now=now, text="Read the logs", owner=doer)
    give_task(incident, by=ana, now=now, text="Be quick", owner=idle)
    finish_task(incident, by=ana, now=now, number=2)
    make_private(other, ana, *(ActorFactory(user=user) for user in (joined, lead, member, doer, idle)))

    merge_incident(incident, by=ana, now=now, into=other)

    sent_on = Message.objects.filter(facts__event="merged").values_list("user__handle", "subject_key")
    assert set(sent_on) == {(handle, other.subject_key) for handle in ("joined", "lead", "member", "doer")}


def test_a_link_becomes_that_of_a_duplicate_and_keeps_its_beginning(
    incident: Incident, other: Incident, ana: Actor, now: datetime
) -> None:
    link = link_incidents(incident, by=ana, now=now, to=other, relation="related")

    merge_incident(incident, by=ActorFactory(), now=now + timedelta(hours=1), into=other)

    assert list(IncidentLink.objects.values_list("pk", "relation", "at", "by")) == [
        (link.pk, Relation.DUPLICATE, now, ana.user.pk)
    ]


def test_nothing_is_merged_into_what_is_closed_or_less_private(
    incident: Incident, other: Incident, ana: Actor, now: datetime
) -> None:
    make_private(incident, ana)
    with pytest.raises(WrongState, match="may be read by people who may not read"):
        merge_incident(incident, by=ana, now=now, into=other)
    make_private(other, ana, ActorFactory())
    with pytest.raises(WrongState, match="may be read by people who may not read"):
        merge_incident(incident, by=ana, now=now, into=other)
    close_as_no_incident(other, by=ana, now=now)
    with pytest.raises(WrongState, match="is closed; nothing is merged into it"):
        merge_incident(incident, by=ana, now=now, into=other)

    incident.refresh_from_db()
    assert (incident.status, IncidentLink.objects.count()) == (IncidentStatus.INVESTIGATING, 0)
    assert Page.objects.filter(subject_key=incident.subject_key, stopped_at__isnull=True).count() == 1


def test_a_public_one_may_be_merged_into_a_private_one_and_never_names_it(
    incident: Incident, other: Incident, ana: Actor, now: datetime
) -> None:
    make_private(other, ana)

    merge_incident(incident, by=ana, now=now, into=other)

    incident.refresh_from_db()
    assert incident.closed_reason == "a duplicate of a private incident"
    assert [text for text in texts(incident) if other.reference in text] == []
    assert room(incident.reference, UserFactory(), now).links == []


def test_a_merge_that_breaks_halfway_leaves_nothing(
    incident: Incident, other: Incident, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = texts(incident), texts(other)

    def broken(*_: object, **__: object) -> None:
        raise DatabaseError("the line is cut")

    monkeypatch.setattr(link_actions, "announce_change", broken)
    with pytest.raises(DatabaseError):
        merge_incident(incident, by=ana, now=now, into=other)

    incident.refresh_from_db()
    assert (texts(incident), texts(other), IncidentLink.objects.count()) == (*before, 0)
    assert incident.status == IncidentStatus.INVESTIGATING
    assert Page.objects.filter(subject_key=incident.subject_key, stopped_at__isnull=True).count() == 1


def test_a_closed_record_is_opened_again_for_a_week(incident: Incident, ana: Actor, now: datetime) -> None:
    resolve_incident(incident, by=ana, now=now)
    close_incident(incident, by=ana, now=now, reason="quiet")
    later = now + timedelta(days=7)

    reopen_incident(incident, by=ana, now=later, reason=" it is back ")

    incident.refresh_from_db()
    assert (incident.status, incident.closed_at, incident.closed_as, incident.resolved_at) == (
        IncidentStatus.INVESTIGATING,
        None,
        "",
        None,
    )
    assert texts(incident)[-1] == "Reopened: it is back"
    owed = {row.kind: row.due_at for row in Promise.objects.undone().filter(incident=incident)}
    assert owed == {PromiseKind.STATUS_UPDATE: later + timedelta(minutes=30)}


def test_a_record_is_not_opened_again_without_a_reason_after_a_week_or_while_it_is_open(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    with pytest.raises(WrongState, match=r"is not closed\. If it is back, say that the watch failed"):
        reopen_incident(incident, by=ana, now=now, reason="again")
    close_as_no_incident(incident, by=ana, now=now)
    with pytest.raises(InvalidInput, match="Say in a few words what came back"):
        reopen_incident(incident, by=ana, now=now, reason=" ")
    with pytest.raises(WrongState, match="more than seven days ago"):
        reopen_incident(incident, by=ana, now=now + timedelta(days=7, seconds=1), reason="again")
    incident.refresh_from_db()
    assert incident.status == IncidentStatus.CLOSED


def test_a_duplicate_that_was_none_is_opened_again_and_stays_related(
    incident: Incident, other: Incident, ana: Actor, now: datetime
) -> None:
    merge_incident(incident, by=ana, now=now, into=other)

    reopen_incident(incident, by=ana, now=now, reason="it is another cause")

    assert [link.relation for link in IncidentLink.objects.all()] == [Relation.RELATED]
