"""Sub-teams: a lead and a few people for one thing."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.actor import Actor
from accounts.models import User
from comms.enums import MessageKind
from comms.models import Message
from core.errors import InvalidInput
from incidents.actions import sub_team as sub_team_actions
from incidents.actions.audience import let_in, make_private
from incidents.actions.composer import post_line
from incidents.actions.role import assign_role
from incidents.actions.sub_team import set_sub_team
from incidents.models import Incident, SubTeam, SubTeamMember
from incidents.queries.handover import brief_of
from incidents.queries.people import people_at_work
from tests.factories.accounts import UserFactory
from tests.incidents.actions.conftest import texts


def people(team: SubTeam) -> list[str]:
    here = team.members.filter(left_at__isnull=True)
    return sorted(here.values_list("user__handle", flat=True))


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


def test_whoever_goes_out_stays_in_the_record_and_may_come_back(
    incident: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    later = [now + timedelta(minutes=minutes) for minutes in (0, 10, 20)]
    for at, team in zip(later, ([jens, mira], [jens], [jens, mira]), strict=True):
        set_sub_team(incident, by=ana, now=at, name="database", people=team)

    spans = SubTeamMember.objects.order_by("pk").values_list("user__handle", "joined_at", "left_at")
    assert list(spans) == [("jens", now, None), ("mira", now, later[1]), ("mira", later[2], None)]
    assert people_at_work(incident)[mira] == "works in database"

    set_sub_team(incident, by=ana, now=later[2], name="database", people=[jens])

    assert mira not in people_at_work(incident)
    assert [[row.user for row in team.members.all()] for team in brief_of(incident).teams] == [[jens]]


def told(person: User) -> list[str]:
    """What their messages about sub-teams say."""
    return list(
        Message.objects.filter(user=person, facts__has_key="sub_team").order_by("pk").values_list("body", flat=True)
    )


def test_whoever_comes_in_leads_or_goes_out_is_told_and_nobody_else(
    incident: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    set_sub_team(incident, by=ana, now=now, name="database", people=[jens, ana.user])
    set_sub_team(incident, by=ana, now=now, name="database", people=[jens, ana.user, mira])
    set_sub_team(incident, by=ana, now=now, name="database", people=[mira, ana.user])
    set_sub_team(incident, by=ana, now=now, name="database", people=[mira, ana.user])
    set_sub_team(incident, by=ana, now=now, name="database", people=[])

    assert told(jens) == [
        "@ana counts on you in the sub-team database: @jens leads, with @ana.",
        "You are no longer in the sub-team database.",
    ]
    assert told(mira) == [
        "@ana counts on you in the sub-team database: @jens leads, with @ana, @mira.",
        "@ana counts on you in the sub-team database: @mira leads, with @ana.",
        "The sub-team database is dissolved.",
    ]
    assert told(ana.user) == []
    first = Message.objects.filter(user=jens, facts__has_key="sub_team").earliest("pk")
    assert (first.kind, first.subject, first.facts) == (
        MessageKind.NOTICE,
        incident.headline,
        {"incident": incident.reference, "sub_team": "database"},
    )


def test_nobody_who_may_not_see_a_private_incident_is_in_its_sub_teams(
    incident: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    make_private(incident, by=ana, now=now, reason="a person is named")
    said = texts(incident)

    with pytest.raises(InvalidInput, match="@mira may not see this private incident; let them in first"):
        set_sub_team(incident, by=ana, now=now, name="database", people=[jens, mira])

    assert (SubTeam.objects.count(), texts(incident), told(jens), told(mira)) == (0, said, [], [])
    let_in(incident, by=ana, now=now, user=mira, reason="knows the database")
    assert people(set_sub_team(incident, by=ana, now=now, name="database", people=[jens, mira])) == ["jens", "mira"]
    assert len(told(mira)) == 1


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

    monkeypatch.setattr(sub_team_actions, "announce_change", fail)
    with pytest.raises(IntegrityError):
        set_sub_team(incident, by=ana, now=now, name="database", people=[jens])

    assert (SubTeam.objects.count(), told(jens)) == (0, [])
