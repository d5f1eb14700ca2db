"""All of the demo, in the order in which its parts need each other."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from incidents.actions.demo.oncall import set_up_on_call
from incidents.actions.demo.people import set_passwords, set_up_people, set_up_teams
from incidents.actions.demo.scenario import ADDED
from incidents.actions.demo.story import day_of_story, tell_story
from incidents.actions.ladder import apply_document
from incidents.models import Incident, LadderVersion
from incidents.policy_file import read_document, read_file_or_preset
from incidents.queries.ladder import default_version

PRESET = "pager"
LEVEL_OF_STORY = "SEV2"


@dataclass(frozen=True)
class Demo:
    """What was made this time: people, and the incident of the story; nothing of it when all was there."""

    new_people: list[User] = field(default_factory=list)
    new_passwords: list[User] = field(default_factory=list)
    story: Incident | None = None


@transaction.atomic
def set_up_demo(*, by: Actor, now: datetime, password: str, reset_passwords: bool) -> Demo:
    """Make whatever of the demo organisation is missing: people, teams, a channel, rotations, policies, services.

    Without any ladder the `pager` policy is applied, with a runbook and two flags of its own. In a database without
    incidents the story of the demo is told. New people get `password`; the others only with `reset_passwords`. What
    is there is never changed otherwise, so a second time changes nothing. Raises NotAllowed unless `by` configures.
    """
    people, new = set_up_people(by=by, now=now)
    wanted = people if reset_passwords else {user.handle: user for user in new}
    changed = set_passwords(wanted, password, by=by, now=now)
    teams = set_up_teams(people, by=by, now=now)
    day = day_of_story(now)
    services = set_up_on_call(people, teams, by=by, now=now, on=day)
    version = default_version() or _apply_preset(by=by, now=now)
    level = next((level for level in version.levels.all() if level.name == LEVEL_OF_STORY), None)
    story = None
    if level and not Incident.objects.exists():
        story = tell_story(people, level=level, service=services["policy-pipeline"], day=day)
    return Demo(new_people=new, new_passwords=changed, story=story)


def _apply_preset(*, by: Actor, now: datetime) -> LadderVersion:
    text, called = read_file_or_preset(PRESET)
    apply_document(read_document(text + ADDED.encode(), source=called), by=by, now=now)
    version = default_version()
    assert version is not None
    return version
