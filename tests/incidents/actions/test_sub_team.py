"""Sub-teams: a lead and a few people for one thing."""

from datetime import datetime

import pytest
from django.db import IntegrityError

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from incidents.actions import sub_team as sub_team_actions
from incidents.actions.composer import post_line
from incidents.actions.sub_team import set_sub_team
from incidents.models import Incident, SubTeam
from tests.factories.accounts import UserFactory
from tests.incidents.actions.conftest import texts


def people(team: SubTeam) -> list[str]:
    return sorted(team.members.values_list("user__handle", flat=True))


def test_a_line_makes_a_team_the_lead_first(incident: Incident, ana: Actor, jens: User, now: datetime) -> None:
    said = post_line(incident, by=ana, now=now, line="/team database @jens @ana").said

    team = incident.sub_teams.get()
    assert (said, team.lead, people(team)) == ("@jens leads database.", jens, ["ana", "jens"])
    assert texts(incident)[-1] == "Sub-team database: @jens leads, with @ana"


def test_named_again_it_has_these_people_and_the_same_say_nothing(
    incident: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    set_sub_team(incident, by=ana, now=now, name="Database", people=[jens, mira])
    set_sub_team(incident, by=ana, now=now, name="database", people=[mira, ana.user])
    said = texts(incident)
    set_sub_team(incident, by=ana, now=now, name="database", people=[mira, ana.user])

    team = incident.sub_teams.get()
    assert (team.name, team.lead, people(team)) == ("Database", mira, ["ana", "mira"])
    assert (said[-1], texts(incident)) == ("Sub-team Database: @mira leads, with @ana", said)


def test_without_people_it_is_dissolved(incident: Incident, ana: Actor, jens: User, now: datetime) -> None:
    set_sub_team(incident, by=ana, now=now, name="database", people=[jens])

    assert post_line(incident, by=ana, now=now, line="/team database").said == "database is dissolved."
    assert incident.sub_teams.get().ended_at == now
    with pytest.raises(InvalidInput, match="There is no sub-team database"):
        set_sub_team(incident, by=ana, now=now, name="database", people=[])


@pytest.mark.parametrize("name", ["", "@jens", "x" * 41])
def test_a_name_that_is_none_is_refused(incident: Incident, ana: Actor, jens: User, now: datetime, name: str) -> None:
    with pytest.raises(InvalidInput, match="Name the sub-team in a word or two"):
        set_sub_team(incident, by=ana, now=now, name=name, people=[jens])


def test_nobody_who_left_is_in_it(incident: Incident, ana: Actor, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="@gone is no longer here"):
        set_sub_team(incident, by=ana, now=now, name="database", people=[UserFactory(handle="gone", is_active=False)])


def test_a_team_that_breaks_half_way_leaves_nothing(
    incident: Incident, ana: Actor, jens: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(sub_team_actions, "write_entry", fail)
    with pytest.raises(IntegrityError):
        set_sub_team(incident, by=ana, now=now, name="database", people=[jens])

    assert SubTeam.objects.count() == 0
