"""Who is here without a role."""

from datetime import datetime, timedelta

import pytest

from accounts.actor import MUSTER, Actor
from core.errors import InvalidInput, NotAllowed, WrongState
from incidents.actions.composer import post_line
from incidents.actions.responder import join_incident, leave_incident
from incidents.actions.status import close_incident, resolve_incident
from incidents.enums import PromiseKind
from incidents.models import Incident
from tests.factories.accounts import ActorFactory
from tests.incidents.actions.conftest import texts

MINUTE = timedelta(minutes=1)


def test_whoever_joins_is_here_until_they_leave_and_both_moments_are_kept(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    join_incident(incident, by=ana, now=now)
    join_incident(incident, by=ana, now=now + MINUTE)
    leave_incident(incident, by=ana, now=now + 2 * MINUTE)
    leave_incident(incident, by=ana, now=now + 3 * MINUTE)
    join_incident(incident, by=ana, now=now + 4 * MINUTE)

    spans = incident.responders.values_list("user__handle", "joined_at", "left_at")
    assert list(spans) == [("ana", now, now + 2 * MINUTE), ("ana", now + 4 * MINUTE, None)]
    assert texts(incident)[-3:] == ["@ana is here too", "@ana left", "@ana is here too"]


def test_to_join_is_a_sign_of_life(incident: Incident, ana: Actor, now: datetime) -> None:
    assert post_line(incident, by=ana, now=now + MINUTE, line="/join").said == "You are here too."

    incident.refresh_from_db()
    assert incident.last_activity_at == now + MINUTE
    assert incident.promises.get(kind=PromiseKind.RESPOND).kept_at == now + MINUTE


def test_closing_sends_everybody_home(incident: Incident, ana: Actor, now: datetime) -> None:
    join_incident(incident, by=ana, now=now)
    resolve_incident(incident, by=ana, now=now + MINUTE)
    close_incident(incident, by=ana, now=now + 2 * MINUTE, reason="quiet")

    assert incident.responders.get().left_at == now + 2 * MINUTE
    with pytest.raises(WrongState, match="is closed"):
        join_incident(incident, by=ana, now=now + 3 * MINUTE)


def test_a_machine_and_who_only_reads_cannot_join(incident: Incident, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="Only a person"):
        join_incident(incident, by=MUSTER, now=now)
    with pytest.raises(NotAllowed):
        join_incident(incident, by=ActorFactory(user__viewer=True), now=now)

    assert incident.responders.count() == 0
