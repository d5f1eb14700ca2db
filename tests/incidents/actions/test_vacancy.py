"""Whose role is empty: they left it, or were switched off; it is filled again by the rule, and owed until it is."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.actions.user import set_user
from accounts.actor import Actor
from accounts.enums import AccessLevel
from accounts.models import User
from comms.models import Message
from escalation.actions.page import acknowledge_page
from escalation.models import Page
from incidents.actions import vacancy as vacancy_actions
from incidents.actions.command import sweep_command
from incidents.actions.declare import declare_incident
from incidents.actions.handover import offer_handover
from incidents.actions.role import assign_role
from incidents.actions.status import close_as_no_incident
from incidents.actions.vacancy import leave_role
from incidents.enums import CommanderRule, RoleSource
from incidents.models import Incident, LadderVersion, Level
from incidents.owed import owed
from incidents.queries.owed import facts_of_one
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.escalation import OverrideFactory, make_schedule
from tests.factories.incidents import LevelFactory
from tests.factories.ladder import LevelRoleFactory
from tests.incidents.actions.conftest import texts

MINUTE = timedelta(minutes=1)


@pytest.fixture
def admin(db: None) -> Actor:
    """Who switches people off."""
    return ActorFactory(user=UserFactory(handle="root", access=AccessLevel.ADMIN))


@pytest.fixture
def commanded(incident: Incident, jens: User, now: datetime) -> Incident:
    """Jens answered first, and commands."""
    acknowledge_page(Page.objects.get(), by=ActorFactory(user=jens), now=now)
    return incident


def named(ladder: LadderVersion, **fields: object) -> Level:
    """A level whose commander is on call in “leads”."""
    how = {"commander_rule": CommanderRule.ON_CALL, "commander_schedule": "leads", "acknowledge_within": "2 min"}
    return LevelFactory(version=ladder, name="SEV0", rank=0, **{**how, **fields})


def switch_off(user: User, admin: Actor, now: datetime) -> None:
    user.is_active = False
    set_user(user, by=admin, now=now)


def held(incident: Incident) -> dict[str, str]:
    """Who holds what now."""
    rows = incident.role_assignments.filter(ended_at__isnull=True)
    return dict(rows.values_list("role", "user__handle"))


def missing(incident: Incident, now: datetime) -> list[tuple[str, str]]:
    """The row about nobody in command: detail, tone."""
    rows = owed(facts_of_one(incident), now)
    return [(row.detail, row.tone) for row in rows if row.key == "commander"]


def test_a_room_that_its_commander_left_is_owed_and_rings_for_the_first_answer_again(
    commanded: Incident, jens: User, mira: User, now: datetime
) -> None:
    leave_role(commanded, by=ActorFactory(user=jens), now=now, role="commander", user=jens)
    assert missing(commanded, now) == [("", "late")]

    sweep_command(now=now + 4 * MINUTE)
    assert Page.objects.count() == 1
    sweep_command(now=now + 5 * MINUTE)
    again = Page.objects.latest("pk")
    assert (again.group, again.makes_commander, Page.objects.count()) == ("primary", True, 2)
    acknowledge_page(again, by=ActorFactory(user=mira), now=now + 6 * MINUTE)

    assert held(commanded) == {"commander": "mira"}
    assert "**Nobody has commanded for 5 min:** whoever is rung now and answers first does" in texts(commanded)


def test_the_backup_is_rung_when_the_commander_left_and_nobody_followed(
    ladder: LadderVersion, ana: Actor, mira: User, now: datetime
) -> None:
    make_schedule(mira, slug="managers", name="Managers")
    level = LevelFactory(version=ladder, name="SEV0", rank=0, acknowledge_within="2 min", commander_backup="managers")
    incident = declare_incident(by=ana, now=now, level=level, summary="All is down")
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    sweep_command(now=now + 2 * MINUTE)

    leave_role(incident, by=ana, now=now + 60 * MINUTE, role="commander", user=ana.user)
    sweep_command(now=now + 61 * MINUTE)
    assert not Page.objects.exists()
    sweep_command(now=now + 62 * MINUTE)
    acknowledge_page(Page.objects.get(), by=ActorFactory(user=mira), now=now + 63 * MINUTE)

    assert held(incident) == {"commander": "mira"}


def test_the_rule_names_another_but_not_the_one_who_left(
    ladder: LadderVersion, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    schedule = make_schedule(jens, slug="leads", name="Leads")
    first = declare_incident(by=ana, now=now, level=named(ladder), summary="All is down")
    by = ActorFactory(user=jens)

    leave_role(first, by=by, now=now + MINUTE, role="commander", user=jens)
    assert held(first) == {}
    trouble = "the rule names @jens, on call in Leads, who has left it"
    assert missing(first, now + MINUTE) == [(trouble, "late")]
    assign_role(first, by=ana, now=now + 2 * MINUTE, role="commander", user=jens)
    OverrideFactory(schedule=schedule, user=mira, starts_at=now, ends_at=now + 60 * MINUTE)
    leave_role(first, by=by, now=now + 3 * MINUTE, role="commander", user=jens)

    assert held(first) == {"commander": "mira"}
    assert texts(first)[-1] == "@mira is commander, on call in Leads"


def test_who_is_switched_off_holds_nothing_any_more_and_the_record_says_why(
    commanded: Incident, admin: Actor, ana: Actor, jens: User, now: datetime
) -> None:
    assign_role(commanded, by=ana, now=now, role="scribe", user=jens)
    over = declare_incident(by=ana, now=now, level=commanded.level, summary="Nothing")
    assign_role(over, by=ana, now=now, role="commander", user=jens)
    close_as_no_incident(over, by=ana, now=now)
    before = texts(over)

    switch_off(jens, admin, now + MINUTE)

    assert held(commanded) == {}
    assert texts(commanded)[-2:] == [
        "**@jens is no longer commander:** @jens was switched off and is no longer here",
        "**@jens is no longer scribe:** @jens was switched off and is no longer here",
    ]
    assert missing(commanded, now + MINUTE) == [("", "late")]
    commanded.refresh_from_db()
    assert commanded.commander_wake_at == now + 6 * MINUTE
    assert texts(over) == before


def test_the_seats_of_who_is_switched_off_are_filled_by_their_rules(
    ladder: LadderVersion, admin: Actor, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    level = named(ladder)
    for schedule in (make_schedule(jens, slug="leads", name="Leads"), make_schedule(jens, slug="speakers")):
        OverrideFactory(schedule=schedule, user=jens, starts_at=now, ends_at=now + MINUTE)
        OverrideFactory(schedule=schedule, user=mira, starts_at=now + MINUTE, ends_at=now + 60 * MINUTE)
    LevelRoleFactory(level=level, role="comms", source=RoleSource.ON_CALL, schedule="speakers")
    incident = declare_incident(by=ana, now=now, level=level, summary="All is down")
    assert held(incident) == {"commander": "jens", "comms": "jens"}

    switch_off(jens, admin, now + MINUTE)

    assert held(incident) == {"commander": "mira", "comms": "mira"}
    assert Message.objects.filter(user=mira, dedup_key__startswith="role:").count() == 2


def test_who_is_changed_in_another_way_keeps_command(
    commanded: Incident, admin: Actor, jens: User, now: datetime
) -> None:
    jens.name, jens.access = "Jens the Second", AccessLevel.VIEWER  # whoever holds a role acts in that incident
    set_user(jens, by=admin, now=now + MINUTE)

    assert held(commanded) == {"commander": "jens"}


def test_an_offer_to_who_is_switched_off_is_over(
    commanded: Incident, admin: Actor, jens: User, mira: User, now: datetime
) -> None:
    offer = offer_handover(commanded, by=ActorFactory(user=jens), now=now, role="commander", to=mira)

    switch_off(mira, admin, now + MINUTE)

    offer.refresh_from_db()
    assert (offer.withdrawn_at, held(commanded)) == (now + MINUTE, {"commander": "jens"})


def test_a_leaving_that_breaks_half_way_leaves_command_where_it_was(
    commanded: Incident, jens: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(vacancy_actions, "name_commander", fail)
    with pytest.raises(IntegrityError):
        leave_role(commanded, by=ActorFactory(user=jens), now=now, role="commander", user=jens)

    assert held(commanded) == {"commander": "jens"}
