"""People in the room by presses: one more to take command, here too, duties for whoever holds them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import User
from incidents.actions.status import close_incident, resolve_incident
from incidents.models import Incident
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.incidents import (
    IncidentFactory,
    RoleAssignmentFactory,
    RoleDefinitionFactory,
    level_of,
    make_ladder,
)
from tests.factories.ladder import LevelRoleFactory
from tests.factories.people import HandoverFactory, SubTeamFactory, SubTeamMemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    return {name: UserFactory(handle=name) for name in ("ana", "jens", "mira")}


@pytest.fixture
def incident(people: dict[str, User], time_machine: TimeMachineFixture) -> Incident:
    """Ana commands since NOW."""
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)
    incident = IncidentFactory(level=level_of(make_ladder(people["jens"]), "SEV2"))
    RoleAssignmentFactory(incident=incident, user=people["ana"], kind="commander", name="Commander")
    return incident


def press(client: Client, by: User, incident: Incident, door: str, **words: str) -> str:
    """Post, and what the page says then."""
    client.force_login(by)
    return client.post(reverse(f"incidents:{door}", args=[incident.reference]), words, follow=True).content.decode()


def read(client: Client, user: User, incident: Incident) -> str:
    client.force_login(user)
    return client.get(incident.get_absolute_url()).content.decode()


def test_giving_a_role_that_somebody_has_asks_for_one_press_more(
    client: Client, people: dict[str, User], incident: Incident
) -> None:
    asked = {"role": "commander", "user": "@mira"}
    content = press(client, people["jens"], incident, "role-assign", **asked)
    assert "@ana is commander now. Press once more to take it from them without a handover" in content
    assert 'name="takes_from" value="ana"' in content
    assert incident.commander == people["ana"]

    press(client, people["jens"], incident, "role-assign", **asked, takes_from="ana")
    assert Incident.objects.get(pk=incident.pk).commander == people["mira"]


def test_giving_ones_own_command_offers_it(client: Client, people: dict[str, User], incident: Incident) -> None:
    content = press(client, people["ana"], incident, "role-assign", role="commander", user="@jens")

    assert "Offered to @jens; it is theirs once they accept." in content
    assert incident.handovers.get().to_user == people["jens"]


def test_here_too_stands_among_the_people(client: Client, people: dict[str, User], incident: Incident) -> None:
    SubTeamMemberFactory(team=SubTeamFactory(incident=incident, name="database", lead=people["mira"]))
    content = press(client, people["jens"], incident, "responder-join")

    assert 'id="leave-incident"' in content
    assert ("<b>@jens</b>" in content, "<b>@mira</b> leads" in content) == (True, True)
    press(client, people["jens"], incident, "responder-leave")
    assert incident.responders.get().left_at == NOW + timedelta(minutes=1)


def test_a_closed_record_says_who_commanded_until_then_and_offers_nobody_a_role(
    client: Client, people: dict[str, User], incident: Incident
) -> None:
    ana = Actor(people["ana"], Via.WEB)
    scribe = RoleDefinitionFactory(version=incident.level.version, slug="notes", name="Notes")
    resolve_incident(incident, by=ana, now=NOW)
    close_incident(incident, by=ana, now=NOW, reason="quiet")

    content = read(client, people["jens"], incident)

    assert "Commander <b>@ana</b>" in content
    panel = content[content.index("<h2>Roles") :]
    roles = panel[: panel.index("</section>")]
    assert roles.startswith("<h2>Roles until it was closed</h2>")
    assert ("<b>@ana</b>" in roles, f">{scribe.name}<" in roles, "nobody" in roles) == (True, True, False)
    assert ("take" in roles, "leave" in roles) == (False, False)


def test_duties_are_shown_to_whoever_holds_the_role_alone(
    client: Client, people: dict[str, User], incident: Incident
) -> None:
    LevelRoleFactory(level=incident.level, role="commander", duties="Brief the board every hour.")

    seen = {name: "Brief the board every hour." in read(client, people[name], incident) for name in people}

    assert seen == {"ana": True, "jens": False, "mira": False}


def test_an_offer_is_answered_by_whom_it_is_for_alone(
    client: Client, people: dict[str, User], incident: Incident
) -> None:
    HandoverFactory(incident=incident, from_user=people["ana"], to_user=people["jens"])

    found = {}
    for name, user in people.items():
        content = read(client, user, incident)
        found[name] = [key for key in ("accept-handover", "take-back-handover") if f'id="{key}"' in content]

    assert found == {"ana": ["take-back-handover"], "jens": ["accept-handover"], "mira": []}
