"""A commander who never answers, or falls silent: the backup is rung, and whoever answers relieves them."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import User
from comms.enums import MessageKind
from comms.models import Message
from escalation.actions.page import acknowledge_page, decline_page
from escalation.enums import PageStatus
from escalation.models import Page, Policy
from incidents.actions import relief
from incidents.actions.audience import let_in, make_private
from incidents.actions.command import sweep_command
from incidents.actions.declare import declare_incident
from incidents.actions.handover import accept_handover, offer_handover
from incidents.actions.paging import page_people
from incidents.actions.responder import join_incident
from incidents.actions.role import BACKUP, assign_role
from incidents.actions.timeline import add_entry
from incidents.enums import CommanderRule, PagedPolicy
from incidents.models import Incident, LadderVersion, Level
from incidents.owed import owed
from incidents.queries.owed import facts_of_one
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy, make_schedule
from tests.factories.incidents import LevelFactory, LevelPageFactory
from tests.incidents.actions.conftest import texts

MINUTE = timedelta(minutes=1)


@pytest.fixture
def level(ladder: LadderVersion, jens: User, mira: User) -> Level:
    """Jens commands, by the rule; Mira is the backup. Two minutes to acknowledge, twenty of silence."""
    make_schedule(jens, slug="leads", name="Leads")
    make_schedule(mira, slug="managers", name="Managers")
    how = {"commander_rule": CommanderRule.ON_CALL, "commander_schedule": "leads", "commander_backup": "managers"}
    return LevelFactory(version=ladder, rank=0, acknowledge_within="2 min", silent_after="20 min", **how)


@pytest.fixture
def incident(level: Level, ana: Actor, now: datetime) -> Incident:
    """Declared by Ana now; Jens commands, who was told, and nobody is rung."""
    return declare_incident(by=ana, now=now, level=level, summary="All is down")


def backup_page(incident: Incident) -> Page:
    return Page.objects.get(subject_key=incident.subject_key, group=BACKUP)


def commander(incident: Incident) -> User | None:
    return Incident.objects.get(pk=incident.pk).commander


def told(user: User, kind: MessageKind = MessageKind.NUDGE) -> list[str]:
    return list(Message.objects.filter(kind=kind, user=user).order_by("pk").values_list("body", flat=True))


def silent(incident: Incident, now: datetime) -> list[str]:
    """The row about a silent commander."""
    return [row.what for row in owed(facts_of_one(incident), now) if row.key == "hand-over"]


def note(incident: Incident, user: User, now: datetime) -> None:
    add_entry(incident, by=ActorFactory(user=user), now=now, text="Looking")


def user_of(actor: Actor) -> User:
    assert actor.user
    return actor.user


def sweep(now: datetime, *minutes: float) -> None:
    for minute in minutes:
        sweep_command(now=now + minute * MINUTE)


def test_who_was_named_by_rule_and_never_answers_is_relieved_by_the_backup_who_answers(
    incident: Incident, jens: User, mira: User, now: datetime
) -> None:
    sweep(now, 0, 1, 1.9)
    assert not Page.objects.exists()

    sweep(now, 2, 3)
    page = backup_page(incident)
    assert [attempt.user for attempt in page.attempts.all()] == [mira]
    assert commander(incident) == jens
    assert silent(incident, now + 3 * MINUTE) == ["@jens commands and is silent"]
    assert texts(incident)[-2] == (
        "**@jens commands and has not answered since 12:23 UTC:** the backup, @mira, on call in Managers, is rung "
        "and commands once they answer"
    )
    assert told(jens) == [
        "You command this incident, and nothing was heard of you since 14:23 CEST: the backup, @mira, on call in "
        "Managers, is rung and commands once they answer. Whatever you do in the room before that keeps it yours."
    ]

    acknowledge_page(page, by=Actor(mira, Via.LINK), now=now + 4 * MINUTE)

    assert commander(incident) == mira
    assert texts(incident)[-1] == (
        "@mira is commander, the backup instead of @jens, of whom nothing was heard; before: @jens"
    )
    assert told(jens, MessageKind.NOTICE)[-1] == "You are no longer commander of this incident: @mira is."
    assert silent(incident, now + 4 * MINUTE) == []


def test_who_is_there_in_time_keeps_command_and_nobody_is_rung(incident: Incident, jens: User, now: datetime) -> None:
    sweep(now, 0)
    note(incident, jens, now + MINUTE)
    sweep(now, 2, 3, 20)

    assert (Page.objects.count(), commander(incident)) == (0, jens)
    assert silent(incident, now + 20 * MINUTE) == []


def test_an_answer_to_any_page_of_it_is_a_sign_of_life_and_a_second_one_too(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    page = page_people(incident, by=ana, now=now, people=[jens])
    for minute in (1, 19):
        acknowledge_page(page, by=Actor(jens, Via.LINK), now=now + minute * MINUTE)
    sweep(now, 2, 21, 38)

    assert incident.role_assignments.get().alive_at == now + 19 * MINUTE
    assert (Page.objects.filter(group=BACKUP).count(), told(jens)) == (0, [])


def test_what_others_do_is_no_sign_of_life_of_who_commands(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    sweep(now, 0)
    add_entry(incident, by=ana, now=now + MINUTE, text="Still down")
    sweep(now, 2)

    assert backup_page(incident).status == PageStatus.RINGING


def test_who_cannot_come_is_relieved_at_once(incident: Incident, ana: Actor, jens: User, now: datetime) -> None:
    page = page_people(incident, by=ana, now=now, people=[jens])
    sweep(now, 0)
    decline_page(page, by=Actor(jens, Via.LINK), now=now + MINUTE)
    sweep(now, 1)

    assert backup_page(incident).started_at == now + MINUTE


def test_a_sign_of_life_while_the_backup_is_rung_keeps_command_and_stops_it(
    incident: Incident, jens: User, mira: User, now: datetime
) -> None:
    sweep(now, 0, 2)
    note(incident, jens, now + 3 * MINUTE)
    sweep(now, 3)

    page = backup_page(incident)
    assert (page.status, page.stop_reason, commander(incident)) == (PageStatus.STOPPED, "@jens commands", jens)
    assert silent(incident, now + 3 * MINUTE) == []


def test_a_backup_who_answers_just_after_that_takes_nothing(
    incident: Incident, jens: User, mira: User, now: datetime
) -> None:
    sweep(now, 0, 2)
    note(incident, jens, now + 3 * MINUTE)
    acknowledge_page(backup_page(incident), by=Actor(mira, Via.LINK), now=now + 3 * MINUTE)

    assert commander(incident) == jens


def test_who_answered_once_and_falls_silent_is_asked_first_and_then_the_backup_is_rung(
    incident: Incident, jens: User, mira: User, now: datetime
) -> None:
    note(incident, jens, now)
    sweep(now, 0, 19.9)
    assert told(jens) == []

    sweep(now, 20, 25)
    assert told(jens) == [
        "Are you still there? You command, and nothing was heard of you since 14:23 CEST. A note in the room is "
        "enough. Without a sign of life by 14:53 CEST the backup is rung."
    ]
    assert texts(incident)[-1] == (
        "Asked @jens, who commands, for a sign of life; without one by 12:53 UTC the backup is rung"
    )
    assert silent(incident, now + 25 * MINUTE) == ["@jens commands and is silent"]
    assert not Page.objects.exists()

    sweep(now, 30)
    acknowledge_page(backup_page(incident), by=Actor(mira, Via.LINK), now=now + 31 * MINUTE)
    assert commander(incident) == mira


def test_silence_is_that_of_who_commands_now_since_they_took_it(
    incident: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    note(incident, jens, now)
    offer = offer_handover(incident, by=ActorFactory(user=jens), now=now + 10 * MINUTE, role="commander", to=mira)
    accept_handover(offer, by=ActorFactory(user=mira), now=now + 15 * MINUTE)
    told_before = told(mira)
    note(incident, jens, now + 30 * MINUTE)

    sweep(now, 15, 20, 30, 34.9)
    assert (told(jens), told(mira)) == ([], told_before)
    sweep(now, 35)

    assert told(jens) == []
    assert told(mira)[len(told_before) :] == [
        "Are you still there? You command, and nothing was heard of you since 12:38 UTC. A note in the room is "
        "enough. Without a sign of life by 13:08 UTC the backup is rung."
    ]
    assert silent(incident, now + 35 * MINUTE) == ["@mira commands and is silent"]


def test_a_backup_who_is_the_silent_one_is_none_and_who_is_in_the_incident_is_rung_instead(
    incident: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    assign_role(incident, by=ana, now=now, role="commander", user=mira, takes_from=jens)
    join_incident(incident, by=ActorFactory(user=jens), now=now)
    sweep(now, 0, 2)

    page = backup_page(incident)
    assert {attempt.user for attempt in page.attempts.all()} == {jens, ana.user}
    assert texts(incident)[-2] == (
        "**@mira commands and has not answered since 12:23 UTC:** there is no backup: it is @mira too, on call in "
        "Managers. Instead @jens, @ana, who are in it, are rung, and whoever answers first commands"
    )
    assert silent(incident, now + 2 * MINUTE) == ["@mira commands and is silent"]

    acknowledge_page(page, by=Actor(jens, Via.LINK), now=now + 3 * MINUTE)

    assert commander(incident) == jens


@pytest.fixture
def quiet(ladder: LadderVersion) -> Level:
    """It pages nobody and has no backup; whoever declares it commands. Twenty minutes of silence."""
    return LevelFactory(version=ladder, rank=9, commander_rule=CommanderRule.DECLARER, silent_after="20 min")


def test_a_level_that_pages_nobody_rings_the_default_policy_when_nobody_else_is_in_it(
    quiet: Level, ana: Actor, jens: User, now: datetime
) -> None:
    incident = declare_incident(by=ana, now=now, level=quiet, summary="A typo")
    sweep(now, 0, 20)
    assert told(user_of(ana))[-1].endswith("Without a sign of life by 12:53 UTC others are rung.")
    sweep(now, 30, 31)

    page = backup_page(incident)
    assert (page.policy, [attempt.user for attempt in page.attempts.all()]) == (Policy.objects.get(), [jens])
    assert texts(incident)[-2].endswith(
        f"there is no backup: {quiet} has none. Instead {page.policy} is rung, and whoever answers first commands"
    )


def test_somebody_who_only_reads_is_not_rung_to_command_and_an_admin_is_when_there_is_nobody_else(
    quiet: Level, ana: Actor, now: datetime
) -> None:
    Policy.objects.update(slug="gone")
    admin = ReachableUserFactory(admin=True)
    ReachableUserFactory(admin=True, is_active=False)
    declare_incident(by=ActorFactory(user=UserFactory(viewer=True)), now=now, level=quiet, summary="?")
    incident = Incident.objects.get()
    assign_role(incident, by=ana, now=now, role="commander", user=user_of(ana), takes_from=incident.commander)
    sweep(now, 0, 20, 30)

    page = backup_page(incident)
    assert [attempt.user for attempt in page.attempts.all()] == [admin]
    assert f"Instead {admin}, who is admin here, is rung" in texts(incident)[-2]


def test_a_private_incident_rings_nobody_for_a_silent_commander_whom_it_did_not_let_in(
    quiet: Level, ana: Actor, mira: User, now: datetime
) -> None:
    incident = declare_incident(by=ana, now=now, level=quiet, summary="A leak")
    make_private(incident, by=ana, now=now, reason="A leak")
    sweep(now, 0, 20, 30)
    assert not Page.objects.exists()
    assert texts(incident)[-1].endswith(f"there is no backup: {quiet} has none. Take command in the room")

    note(incident, user_of(ana), now + 31 * MINUTE)
    let_in(incident, by=ana, now=now + 32 * MINUTE, user=mira, reason="She knows")
    sweep(now, 32, 52, 62)

    assert [attempt.user for attempt in backup_page(incident).attempts.all()] == [mira]


def test_a_level_without_a_backup_lets_who_answers_its_page_relieve_the_silent_one(
    ladder: LadderVersion, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    level = ladder.levels.get(name="SEV2")
    incident = declare_incident(by=ana, now=now, level=level, summary="Slow")
    page = Page.objects.get()
    assign_role(incident, by=ana, now=now, role="commander", user=jens)
    sweep(now, 0, 5)
    assert texts(incident)[-1].endswith(
        "there is no backup: SEV2 has none. Instead primary rings already, and whoever answers first commands"
    )
    assert Page.objects.get() == page

    acknowledge_page(page, by=Actor(mira, Via.LINK), now=now + 6 * MINUTE)

    assert commander(incident) == mira
    assert texts(incident)[-1] == (
        "@mira is commander, the first to answer primary instead of @jens, of whom nothing was heard; before: @jens"
    )


def test_without_a_backup_the_groups_of_the_level_are_rung_and_who_answers_relieves_the_silent_one(
    ladder: LadderVersion, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    make_schedule(jens, slug="leads", name="Leads")
    how = {"commander_rule": CommanderRule.ON_CALL, "commander_schedule": "leads", "acknowledge_within": "2 min"}
    level = LevelFactory(version=ladder, rank=0, **how)
    make_policy(mira, slug="directors")
    LevelPageFactory(level=level, group="directors", policy_from=PagedPolicy.NAMED, policy="directors")
    incident = declare_incident(by=ana, now=now, level=level, summary="All is down")
    acknowledge_page(Page.objects.get(), by=Actor(mira, Via.LINK), now=now)
    assert commander(incident) == jens

    sweep(now, 0, 2, 3)

    page = backup_page(incident)
    assert [attempt.user for attempt in page.attempts.all()] == [mira]
    assert page.body.endswith("There is no backup: whoever answers first commands.")
    what = f"there is no backup: {level} has none. Instead directors is rung, and whoever answers first commands"
    assert texts(incident)[-2] == f"**@jens commands and has not answered since 12:23 UTC:** {what}"
    assert told(jens)[-1].startswith(
        f"You command this incident, and nothing was heard of you since 14:23 CEST: {what}"
    )

    acknowledge_page(page, by=Actor(mira, Via.LINK), now=now + 4 * MINUTE)

    assert commander(incident) == mira


def test_nobody_on_call_in_the_rotation_of_the_backup_rings_the_groups_of_the_level(
    level: Level, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    LevelPageFactory(level=level, group="primary")
    incident = declare_incident(by=ana, now=now, level=level, summary="All is down")
    assign_role(incident, by=ana, now=now, role="commander", user=mira, takes_from=jens)

    sweep(now, 0, 2)

    assert backup_page(incident).policy == Policy.objects.get(slug="primary")


def test_who_takes_the_acknowledgement_back_is_relieved_by_the_next_who_answers(
    ladder: LadderVersion, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    incident = declare_incident(by=ana, now=now, level=ladder.levels.get(name="SEV2"), summary="Slow")
    page = Page.objects.get()
    acknowledge_page(page, by=Actor(jens, Via.LINK), now=now)
    decline_page(page, by=Actor(jens, Via.LINK), now=now + MINUTE)

    acknowledge_page(page, by=Actor(mira, Via.LINK), now=now + 2 * MINUTE)

    assert commander(incident) == mira
    assert "instead of @jens, who cannot come" in texts(incident)[-1]


def test_who_will_be_there_later_is_not_silent_before(
    ladder: LadderVersion, level: Level, ana: Actor, jens: User, now: datetime
) -> None:
    incident = declare_incident(by=ana, now=now, level=level, summary="All is down")
    page = page_people(incident, by=ana, now=now, people=[jens])
    acknowledge_page(page, by=Actor(jens, Via.LINK), now=now + MINUTE, arrives_at=now + 30 * MINUTE)

    sweep(now, 0, 2, 21, 49)
    assert told(jens) == []
    sweep(now, 50)
    assert len(told(jens)) == 1


def test_a_relief_that_breaks_half_way_leaves_nothing_and_is_tried_again(
    incident: Incident, jens: User, now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    sweep(now, 0)
    with monkeypatch.context() as patch:
        patch.setattr(relief, "tell", fail)
        sweep(now, 2)
    assert not Page.objects.exists()
    caplog.clear()
    sweep(now, 2)

    assert backup_page(incident).status == PageStatus.RINGING
