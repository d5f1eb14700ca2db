"""Teams and their members are kept together."""

import pytest
from django.db import DatabaseError, connection

from accounts.actions.team import set_team
from accounts.actor import MUSTER
from accounts.models import Team
from core.errors import InvalidInput, NotAllowed
from tests.factories.accounts import ActorFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_team_has_exactly_the_members_it_was_given(now):
    old, new = UserFactory.create_batch(2)
    team = TeamFactory(members=[old])
    team.name = "Platform"

    set_team(team, by=MUSTER, now=now, members=[new])

    assert list(Team.objects.get().members.all()) == [new]
    assert Team.objects.get().name == "Platform"


def test_a_slug_that_is_taken_is_refused_with_its_field(now):
    TeamFactory(slug="platform")

    with pytest.raises(InvalidInput) as refusal:
        set_team(Team(slug="platform", name="X"), by=MUSTER, now=now, members=[])

    assert (refusal.value.field, str(refusal.value)) == ("slug", "Team with this Slug already exists.")


def test_only_an_admin_changes_teams(now):
    team = TeamFactory()

    with pytest.raises(NotAllowed):
        set_team(team, by=ActorFactory(), now=now, members=[UserFactory()])

    assert team.members.count() == 0


def test_when_the_members_cannot_be_written_the_team_is_not_either(now):
    ana = UserFactory()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_team_members ADD CONSTRAINT broken CHECK (false)")

    with pytest.raises(DatabaseError, match="broken"):
        set_team(Team(slug="platform", name="Platform"), by=MUSTER, now=now, members=[ana])

    assert Team.objects.count() == 0
