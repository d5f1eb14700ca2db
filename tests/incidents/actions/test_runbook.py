"""Runbooks: taken up by one press, decided on a clock, written anew when they did not fit."""

from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from accounts.models import AudienceMember, User
from comms.enums import MessageStatus
from comms.models import Message
from core.errors import InvalidInput, NotAllowed
from escalation.actions.page import acknowledge_page, decline_page
from escalation.enums import PageStatus
from escalation.models import Page, Policy
from incidents.actions import declare as declaring
from incidents.actions import runbook as runbooks
from incidents.actions.declare import declare_incident
from incidents.actions.paging import page_policy
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.reopen import reopen_incident
from incidents.actions.runbook import decide, take_up_runbook
from incidents.actions.severity import change_level
from incidents.actions.status import close_incident, fail_watch, resolve_incident
from incidents.enums import PromiseKind, PromiseStage
from incidents.models import Incident, IncidentRunbook, LadderVersion, Promise, Runbook
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy
from tests.factories.incidents import level_of, make_ladder
from tests.factories.ladder import CriticalDecisionFactory, FlagFactory, QuickActionFactory, RunbookFactory
from tests.incidents.actions.conftest import texts

TEN = timedelta(minutes=10)


@pytest.fixture
def lea(db: None) -> User:
    """Legal."""
    return ReachableUserFactory(handle="lea")


@pytest.fixture
def database(ladder: LadderVersion) -> Runbook:
    """Fail over or not within ten minutes, else Mira and Jens are rung again."""
    runbook = RunbookFactory(version=ladder, slug="database", name="The database fails", act_after="1 h")
    QuickActionFactory(runbook=runbook, text="Look for long queries")
    CriticalDecisionFactory(runbook=runbook, text="Fail over, or not", within="10 min", escalate_policy="primary")
    return runbook


@pytest.fixture
def breach(ladder: LadderVersion, lea: User) -> Runbook:
    """Private at once; legal is rung."""
    make_policy(lea, slug="legal", name="Legal")
    FlagFactory(version=ladder, slug="breach", name="Breach suspected", makes_private=True)
    return RunbookFactory(
        version=ladder, slug="breach", name="A breach", flag="breach", pages=["legal", "gone"], level="SEV1"
    )


def owed(incident: Incident) -> Promise:
    return incident.promises.get(kind=PromiseKind.CRITICAL)


def test_taking_it_up_promises_its_decisions(incident: Incident, database: Runbook, ana: Actor, now: datetime) -> None:
    for _ in range(2):
        take_up_runbook(incident, by=ana, now=now, runbook="database")

    taken = IncidentRunbook.objects.get()
    assert (taken.runbook, taken.taken_up_at, taken.taken_up_by) == (database, now, ana.user)
    assert [item.action.text for item in incident.checklist.select_related("action")] == ["Look for long queries"]
    promise = owed(incident)
    assert (promise.subject, promise.due_at, promise.owed_by) == ("Decide: Fail over, or not", now + TEN, "commander")
    assert (promise.escalate_policy, promise.escalate_at) == ("primary", now + TEN)
    assert texts(incident)[-1] == (
        "Took up the runbook **The database fails**; there is nothing to do before 13:23 UTC unless it gets worse"
    )


def test_undecided_it_escalates_by_itself(incident: Incident, database: Runbook, ana: Actor, now: datetime) -> None:
    take_up_runbook(incident, by=ana, now=now, runbook="database")

    sweep_promises(now=now + TEN - timedelta(seconds=1))
    before = owed(incident).stage
    for _ in range(3):
        sweep_promises(now=now + TEN)

    assert (before, owed(incident).stage) == (PromiseStage.MADE, PromiseStage.ESCALATED)
    groups = [page.group for page in Page.objects.about(incident.subject_key).order_by("pk")]
    assert groups == ["primary", "Primary: decide: fail over, or not is late"]


def test_decided_in_one_line_it_never_escalates(
    incident: Incident, database: Runbook, ana: Actor, now: datetime
) -> None:
    take_up_runbook(incident, by=ana, now=now, runbook="database")

    decide(incident, by=ana, now=now, decision=owed(incident).subject_key, text="fail over to\nthe replica")
    sweep_promises(now=now + TEN)

    assert (owed(incident).kept_at, owed(incident).kept_by, owed(incident).broken_at) == (now, ana.user, None)
    assert texts(incident)[-1] == "**Decided:** fail over to the replica (Fail over, or not)"
    with pytest.raises(InvalidInput, match="decided already"):
        decide(incident, by=ana, now=now, decision=owed(incident).subject_key, text="again")


def test_a_late_decision_counts_and_another_level_does_not_undo_it(
    incident: Incident, ladder: LadderVersion, database: Runbook, ana: Actor, now: datetime
) -> None:
    take_up_runbook(incident, by=ana, now=now, runbook="database")
    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))
    for _ in range(3):
        sweep_promises(now=now + TEN)

    decide(incident, by=ana, now=now + 2 * TEN, decision=owed(incident).subject_key, text="we stay")

    assert (owed(incident).broken_at, owed(incident).kept_at) == (now + TEN, now + 2 * TEN)


def test_resolved_nobody_owes_a_decision(incident: Incident, database: Runbook, ana: Actor, now: datetime) -> None:
    take_up_runbook(incident, by=ana, now=now, runbook="database")
    resolve_incident(incident, by=ana, now=now)

    assert owed(incident).withdrawn_reason == "resolved"


def test_taken_up_once_resolved_it_says_that_nothing_begins_and_its_clocks_begin_when_it_is_back(
    incident: Incident, database: Runbook, ana: Actor, now: datetime
) -> None:
    resolve_incident(incident, by=ana, now=now)
    take_up_runbook(incident, by=ana, now=now, runbook="database")
    assert not incident.promises.filter(kind=PromiseKind.CRITICAL).exists()
    assert texts(incident)[-1] == (
        "Took up the runbook **The database fails**; there is nothing to do before 13:23 UTC unless it gets worse; "
        "it is resolved, so no decision is owed before it comes back"
    )

    fail_watch(incident, by=ana, now=now + TEN, reason="it is slow again")

    assert (owed(incident).due_at, owed(incident).escalate_at) == (now + 2 * TEN, now + 2 * TEN)
    said = "To decide, by a runbook that was taken up while it was over: Fail over, or not, by 12:43 UTC"
    assert texts(incident).count(said) == 1

    resolve_incident(incident, by=ana, now=now + TEN)
    fail_watch(incident, by=ana, now=now + TEN, reason="and again")
    assert incident.promises.open().get(kind=PromiseKind.CRITICAL).due_at == now + 2 * TEN
    assert texts(incident).count(said) == 1


def test_taken_up_once_resolved_it_rings_nobody_and_a_reopened_record_begins_its_clocks_and_rings(
    incident: Incident, breach: Runbook, ana: Actor, lea: User, now: datetime
) -> None:
    CriticalDecisionFactory(runbook=breach, text="Tell the authority, or not", within="10 min")
    resolve_incident(incident, by=ana, now=now)
    before = Page.objects.count()
    take_up_runbook(incident, by=ana, now=now, runbook="breach")
    what = "nobody is rung and no decision is owed before it comes back"
    assert f"Took up the runbook **A breach**; it is resolved, so {what}" in texts(incident)
    assert Page.objects.count() == before

    close_incident(incident, by=ana, now=now + TEN, reason="quiet")
    reopen_incident(incident, by=ana, now=now + TEN, reason="more is gone")

    assert owed(incident).due_at == now + 2 * TEN
    page = Page.objects.about(incident.subject_key).last()
    assert page is not None
    assert (page.group, [one.user for one in page.attempts.all()]) == ("Legal: A breach", [lea])
    assert page.body.startswith("The runbook “A breach” was taken up while it was over, and it is back.")
    assert len([text for text in texts(incident) if text.startswith("**Nobody was rung for gone:**")]) == 1


def test_what_was_taken_up_while_it_was_over_rings_when_the_watch_fails_and_only_the_first_time(
    incident: Incident, breach: Runbook, ana: Actor, lea: User, now: datetime
) -> None:
    legal = Page.objects.about(incident.subject_key).filter(policy__slug="legal")
    resolve_incident(incident, by=ana, now=now)
    take_up_runbook(incident, by=ana, now=now + TEN, runbook="breach")
    fail_watch(incident, by=ana, now=now + 2 * TEN, reason="it is back")
    acknowledge_page(legal.get(), by=ActorFactory(user=lea), now=now + 2 * TEN)

    resolve_incident(incident, by=ana, now=now + 3 * TEN)
    fail_watch(incident, by=ana, now=now + 4 * TEN, reason="and again")

    assert legal.count() == 1


def test_a_breach_is_private_before_legal_is_rung(
    incident: Incident, breach: Runbook, ana: Actor, jens: User, lea: User, now: datetime
) -> None:
    take_up_runbook(incident, by=ana, now=now, runbook="A breach")

    incident.refresh_from_db()
    page = Page.objects.about(incident.subject_key).get(group="Legal: A breach")
    assert (page.audience, [one.user for one in page.attempts.all()]) == (incident.audience, [lea])
    assert set(AudienceMember.objects.values_list("user__handle", flat=True)) == {"ana", "jens", "lea"}
    assert [text for text in texts(incident) if "gone" in text] == [
        "**Nobody was rung for gone:** there is no escalation policy called so. Page somebody by hand."
    ]
    assert set(Message.objects.filter(user=lea).values_list("is_discreet", flat=True)) == {True}


def test_whoever_has_answered_already_is_not_rung_again(
    incident: Incident, breach: Runbook, ana: Actor, lea: User, now: datetime
) -> None:
    legal = page_policy(incident, by=ana, now=now, policy=Policy.objects.get(slug="legal"))
    acknowledge_page(legal, by=ActorFactory(user=lea), now=now)

    take_up_runbook(incident, by=ana, now=now + TEN, runbook="breach")
    assert list(Page.objects.about(incident.subject_key).filter(policy__slug="legal")) == [legal]
    legal.refresh_from_db()
    assert legal.status == PageStatus.ACKNOWLEDGED


def test_whoever_cannot_come_leaves_it_ringing_and_nobody_rings_twice(
    incident: Incident, breach: Runbook, ana: Actor, lea: User, now: datetime
) -> None:
    legal = page_policy(incident, by=ana, now=now, policy=Policy.objects.get(slug="legal"))
    decline_page(legal, by=ActorFactory(user=lea), now=now)

    take_up_runbook(incident, by=ana, now=now + TEN, runbook="breach")
    assert list(Page.objects.about(incident.subject_key).filter(policy__slug="legal")) == [legal]


def test_an_answer_from_before_it_was_resolved_spares_nobody(
    incident: Incident, breach: Runbook, ana: Actor, lea: User, now: datetime
) -> None:
    legal = page_policy(incident, by=ana, now=now, policy=Policy.objects.get(slug="legal"))
    acknowledge_page(legal, by=ActorFactory(user=lea), now=now)
    resolve_incident(incident, by=ana, now=now)
    fail_watch(incident, by=ana, now=now + TEN, reason="it is back")

    take_up_runbook(incident, by=ana, now=now + TEN, runbook="breach")
    anew = Page.objects.about(incident.subject_key).exclude(pk=legal.pk).get(policy__slug="legal")
    assert [attempt.user for attempt in anew.attempts.all()] == [lea]


def test_a_breach_that_is_declared_is_private_from_the_beginning(
    ladder: LadderVersion, breach: Runbook, ana: Actor, jens: User, lea: User, now: datetime
) -> None:
    outsider = UserFactory()
    incident = declare_incident(
        by=ana, now=now, level=level_of(ladder, "SEV1"), summary="Logins from nowhere", runbook=breach
    )

    assert dict(AudienceMember.objects.values_list("user__handle", "added_by")) == dict.fromkeys(
        ("ana", "jens", "lea")
    )
    assert [Incident.objects.visible_to(one).count() for one in (ana.user, lea, outsider)] == [1, 1, 0]
    assert not Message.objects.filter(user=None).exists()
    assert set(Message.objects.values_list("is_discreet", "audience")) == {(True, incident.audience_id)}
    assert texts(incident)[:2] == [
        "@ana declared SEV1: Logins from nowhere",
        "**Private from the beginning:** the runbook “A breach” raises the flag “Breach suspected”. "
        "Whoever is rung or holds a role may see it; no channel is told",
    ]
    assert incident.flags.up().get().flag == "breach"


def test_private_by_a_tick(ladder: LadderVersion, ana: Actor, now: datetime) -> None:
    incident = declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary="A person", is_private=True)

    resolve_incident(incident, by=ana, now=now)
    assert set(Message.objects.filter(user=None).values_list("status", "not_sent_reason")) == {
        (MessageStatus.NOT_SENT, "It is private: the channel incidents is not told.")
    }
    assert texts(incident)[1] == (
        "**Private from the beginning:** it was declared so. "
        "Whoever is rung or holds a role may see it; no channel is told"
    )


def test_a_drill_says_so_wherever_it_is_named(ladder: LadderVersion, ana: Actor, now: datetime) -> None:
    incident = declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary="Fire", is_drill=True)

    assert incident.headline == "[SEV2] DRILL: Fire"
    assert {row.subject for row in Message.objects.all()} == {"[SEV2] DRILL: Fire"}
    assert texts(incident)[0] == "@ana declared SEV2: DRILL: Fire"


def test_refusals(incident: Incident, database: Runbook, ana: Actor, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="There is no runbook “fire” here; this ladder has: database"):
        take_up_runbook(incident, by=ana, now=now, runbook="fire")
    with pytest.raises(NotAllowed):
        take_up_runbook(incident, by=ActorFactory(user=UserFactory(viewer=True)), now=now, runbook="database")
    other = level_of(make_ladder(slug="other", policy="other", is_default=False), "SEV1")
    with pytest.raises(InvalidInput, match="is of another policy"):
        declare_incident(by=ana, now=now, level=other, summary="x", runbook=database)
    assert not IncidentRunbook.objects.exists()


@pytest.mark.parametrize("module", [runbooks, declaring])
def test_half_a_runbook_leaves_nothing(
    ladder: LadderVersion,
    breach: Runbook,
    incident: Incident,
    ana: Actor,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
) -> None:
    said = texts(incident)

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the database is gone")

    if module is runbooks:
        monkeypatch.setattr(runbooks, "ring_policies", broken)
        with pytest.raises(RuntimeError):
            take_up_runbook(incident, by=ana, now=now, runbook="breach")
    else:
        monkeypatch.setattr(declaring, "open_thread", broken)
        with pytest.raises(RuntimeError):
            declare_incident(by=ana, now=now, level=level_of(ladder, "SEV1"), summary="x", runbook=breach)

    incident.refresh_from_db()
    assert (incident.audience, IncidentRunbook.objects.count(), Incident.objects.count()) == (None, 0, 1)
    assert texts(incident) == said
