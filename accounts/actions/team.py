"""Teams: who owns services and is told together."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Team, User
from accounts.permissions import check_can_configure_people
from core.rows import check_row


@transaction.atomic
def set_team(team: Team, *, by: Actor, now: datetime, members: Iterable[User]) -> Team:
    """Keep `team` as it stands now, new or changed, with exactly these members. Tells nobody.

    Raises NotAllowed unless `by` configures, InvalidInput with the field at fault.
    """
    check_can_configure_people(by)
    check_row(team)
    team.save()
    team.members.set(members)
    return team
