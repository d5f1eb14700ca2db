"""Who may see an incident: made private, let in with a reason, made public again."""

from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import Audience, AudienceMember, User
from comms.enums import MessageKind, MessageStatus
from comms.models import DiscreetSubject, Message
from core.errors import InvalidInput, NotAllowed, WrongState
from escalation.actions.page import acknowledge_page
from escalation.enums import PageStatus
from escalation.models import Page
from incidents.actions import audience as audiences
from incidents.actions.audience import enter_private, let_in, make_private, make_public
from incidents.actions.handover import decline_handover, offer_handover
from incidents.actions.message import tell
from incidents.actions.paging import page_people
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.responder import join_incident, leave_incident
from incidents.actions.role import assign_role
from incidents.actions.status import resolve_incident
from incidents.actions.sub_team import set_sub_team
from incidents.actions.task import finish_task, give_task
from incidents.actions.vacancy import leave_role
from incidents.enums import PromiseKind
from incidents.models import Incident, Promise
from postmortems.models import Postmortem
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy
from tests.factories.incidents import DutyFactory, PromiseFactory
from tests.incidents.actions.conftest import texts


@pytest.fixture
def outsider(db: None) -> User:
    """Somebody who has nothing to do with it."""
    return ReachableUserFactory(handle="otto")


@pytest.fixture
def private(incident: Incident, ana: Actor, now: datetime) -> Incident:
    """Ana commands it, and has made it private; Jens was rung."""
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    return make_private(incident, by=ana, now=now, reason="a person is named")


def seen_by(user: User) -> tuple[int, int]:
    """How many incidents and pages `user` may know of."""
    return Incident.objects.visible_to(user).count(), Page.objects.visible_to(user).count()


def test_it_is_hidden_and_says_why(private: Incident, ana: Actor, jens: User, outsider: User) -> None:
    assert [seen_by(one) for one in (ana.user, jens, outsider)] == [(1, 1), (1, 1), (0, 0)]
    assert texts(private)[-1] == (
        "**Private from now on:** a person is named. It is seen by @ana (commander), @jens (was rung). "
        "1 message that had not left will not leave."
    )


def test_everybody_who_works_on_it_is_let_in_with_the_reason_and_nobody_else(
    incident: Incident, ana: Actor, jens: User, outsider: User, now: datetime
) -> None:
    scribe, heir, joined, lead, member, doer, debtor = (
        ReachableUserFactory(handle=handle)
        for handle in ("scribe", "heir", "joined", "lead", "member", "doer", "debtor")
    )
    answered = ActorFactory(user=ReachableUserFactory(handle="answered"))
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    assign_role(incident, by=ana, now=now, role="scribe", user=scribe)
    offer_handover(incident, by=ana, now=now, role="commander", to=heir)
    join_incident(incident, by=ActorFactory(user=joined), now=now)
    set_sub_team(incident, by=ana, now=now, name="database", people=[lead, member])
    give_task(incident, by=ana, now=now, text="Read the logs", owner=doer)
    PromiseFactory(incident=incident, kind=PromiseKind.POSTMORTEM, owner=debtor)
    acknowledge_page(Page.objects.get(), by=answered, now=now)

    private = make_private(incident, by=ana, now=now, reason="a person is named")

    assert dict(AudienceMember.objects.values_list("user__handle", "reason")) == {
        "ana": "commander",
        "scribe": "scribe",
        "heir": "is offered the role commander",
        "joined": "joined",
        "lead": "leads database",
        "member": "works in database",
        "doer": "has task 1",
        "debtor": "owes: postmortem",
        "jens": "was rung",
        "answered": "answered a page",
    }
    assert [seen_by(one) for one in (heir, member, doer, outsider)] == [(1, 1), (1, 1), (1, 1), (0, 0)]
    assert "@heir (is offered the role commander), @joined (joined), @lead (leads database)" in texts(private)[-1]


def test_whose_part_had_ended_stays_out_and_who_was_in_stays_in(incident: Incident, ana: Actor, now: datetime) -> None:
    early, late = (
        {part: ReachableUserFactory(handle=f"{when}-{part}") for part in ("scribe", "heir", "here", "team", "doer")}
        for when in ("early", "late")
    )
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)

    begin_work(incident, ana, early, now)
    end_work(incident, ana, early, now)
    begin_work(incident, ana, late, now)
    private = make_private(incident, by=ana, now=now, reason="a person is named")
    end_work(private, ana, late, now)

    assert {one.handle for one in early.values() if seen_by(one) != (0, 0)} == set()
    assert {one.handle for one in late.values() if seen_by(one) != (1, 1)} == set()


def begin_work(incident: Incident, ana: Actor, people: dict[str, User], now: datetime) -> None:
    """Each of `people` has the part that they are called by."""
    assign_role(incident, by=ana, now=now, role="scribe", user=people["scribe"])
    offer_handover(incident, by=ana, now=now, role="commander", to=people["heir"])
    join_incident(incident, by=ActorFactory(user=people["here"]), now=now)
    set_sub_team(incident, by=ana, now=now, name="database", people=[people["team"]])
    give_task(incident, by=ana, now=now, text="Read the logs", owner=people["doer"])


def end_work(incident: Incident, ana: Actor, people: dict[str, User], now: datetime) -> None:
    """None of them has it any more."""
    leave_role(incident, by=ana, now=now, role="scribe", user=people["scribe"])
    decline_handover(incident.handovers.latest("number"), by=ActorFactory(user=people["heir"]), now=now)
    leave_incident(incident, by=ActorFactory(user=people["here"]), now=now)
    set_sub_team(incident, by=ana, now=now, name="database", people=[])
    finish_task(incident, by=ana, now=now, number=incident.tasks.latest("number").number)


def test_what_was_written_to_those_who_work_on_it_still_leaves(
    incident: Incident, ana: Actor, outsider: User, now: datetime
) -> None:
    doer = ReachableUserFactory(handle="doer")
    give_task(incident, by=ana, now=now, text="Read the logs", owner=doer)
    tell(incident, outsider, now=now, kind=MessageKind.NOTICE, dedup_key="to-otto", body="Just so you know.")

    make_private(incident, by=ana, now=now, reason="a person is named")

    assert set(Message.objects.filter(user=doer).values_list("status", "is_discreet")) == {
        (MessageStatus.WAITING, True)
    }
    assert set(Message.objects.filter(user=outsider).values_list("status", "not_sent_reason")) == {
        (MessageStatus.NOT_SENT, f"{incident.reference} became private.")
    }


def test_a_second_press_changes_nothing(private: Incident, ana: Actor, now: datetime) -> None:
    said = texts(private)

    again = make_private(private, by=ana, now=now, reason="once more")

    assert (again.audience, texts(private), Audience.objects.count()) == (private.audience, said, 1)


def test_the_commander_lets_somebody_in_and_they_are_told(
    private: Incident, ana: Actor, outsider: User, now: datetime
) -> None:
    for _ in range(2):
        let_in(private, by=ana, now=now, user=outsider, reason="knows the logs")

    member = AudienceMember.objects.get(user=outsider)
    assert (member.reason, member.added_by, seen_by(outsider)) == ("knows the logs", ana.user, (1, 1))
    assert texts(private)[-1] == "@otto was let in: knows the logs"
    told = Message.objects.get(user=outsider)
    assert (told.kind, told.body, told.status) == (
        MessageKind.NOTICE,
        "@ana let you into this private incident: knows the logs",
        MessageStatus.WAITING,
    )


def test_nobody_else_lets_anybody_in(private: Incident, jens: User, outsider: User, now: datetime) -> None:
    insider = ActorFactory(user=jens)
    with pytest.raises(NotAllowed, match="Only who commands, or an admin"):
        let_in(private, by=insider, now=now, user=outsider, reason="a friend")
    with pytest.raises(NotAllowed, match="Only who commands, or an admin"):
        assign_role(private, by=insider, now=now, role="scribe", user=outsider)
    with pytest.raises(NotAllowed, match="Only who commands, or an admin"):
        make_public(private, by=insider, now=now, reason="why not")
    with pytest.raises(NotAllowed):
        let_in(private, by=ActorFactory(user=UserFactory(admin=True)), now=now, user=outsider, reason="unseen")

    assert seen_by(outsider) == (0, 0)


def test_a_role_given_by_the_commander_lets_its_holder_in(
    private: Incident, ana: Actor, outsider: User, now: datetime
) -> None:
    assign_role(private, by=ana, now=now, role="scribe", user=outsider)

    assert (AudienceMember.objects.get(user=outsider).reason, seen_by(outsider)) == ("scribe", (1, 1))


def test_a_page_reaches_and_lets_in(private: Incident, jens: User, outsider: User, now: datetime) -> None:
    page = page_people(private, by=ActorFactory(user=jens), now=now, people=[outsider])

    assert AudienceMember.objects.get(user=outsider).reason == f"Page {page.ref} rang them"
    assert seen_by(outsider) == (1, 2)


def test_an_admin_comes_in_with_a_recorded_reason(private: Incident, now: datetime) -> None:
    admin = ActorFactory(user=UserFactory(admin=True, handle="adam"))
    with pytest.raises(InvalidInput, match="Say why you need to see it"):
        enter_private(private, by=admin, now=now, reason=" ")
    assert seen_by(admin.user) == (0, 0)

    enter_private(private, by=admin, now=now, reason="Ana is unreachable.")

    assert (seen_by(admin.user), AudienceMember.objects.get(user=admin.user).reason) == ((1, 1), "Ana is unreachable")
    assert texts(private)[-1] == "@adam came in as an admin: Ana is unreachable"


def test_nobody_else_comes_in_by_themselves(private: Incident, outsider: User, now: datetime) -> None:
    for actor in (ActorFactory(user=outsider), Actor(outsider, Via.API)):
        with pytest.raises(NotAllowed, match="Only an admin may let themselves into a private incident"):
            enter_private(private, by=actor, now=now, reason="curious")
    assert seen_by(outsider) == (0, 0)


def test_public_again_shows_everything_and_what_was_frozen_stays(
    private: Incident, ana: Actor, outsider: User, now: datetime
) -> None:
    frozen = Message.objects.filter(user=None).values_list("status", "not_sent_reason")
    before = list(frozen)

    make_public(private, by=ana, now=now, reason="it was a false alarm")

    assert seen_by(outsider) == (1, 1)
    assert before == list(frozen) == [(MessageStatus.NOT_SENT, f"{private.reference} became private.")]
    assert not DiscreetSubject.objects.exists()
    assert set(Message.objects.values_list("audience", flat=True)) == {None}
    assert set(Message.objects.unsent().values_list("is_discreet", flat=True)) == {False}
    assert texts(private)[-1] == ("**No longer private:** it was a false alarm. Everybody who is signed in sees it")
    with pytest.raises(WrongState, match="It is not private"):
        make_public(private, by=ana, now=now, reason="again")
    with pytest.raises(WrongState, match="It is not private"):
        let_in(private, by=ana, now=now, user=outsider, reason="again")


def test_the_public_is_owed_again_what_it_is_owed_once_everybody_may_see_it(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    owed = Promise.objects.undone().filter(incident=incident, kind=PromiseKind.PUBLIC_UPDATE)
    DutyFactory(level=incident.level, kind=PromiseKind.PUBLIC_UPDATE, within="20 min")
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    make_private(incident, by=ana, now=now, reason="a person is named")
    assert not owed.exists()

    make_public(incident, by=ana, now=now + timedelta(minutes=5), reason="it was nobody")

    assert owed.get().due_at == now + timedelta(minutes=25)


def test_nobody_is_rung_any_more_because_the_public_waits(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    make_policy(jens, slug="leads", name="Leads")
    how = {"incident": incident, "due_at": now, "wake_at": now, "escalate_policy": "leads", "escalate_at": now}
    PromiseFactory(**how, kind=PromiseKind.PUBLIC_UPDATE, subject="Public update")
    PromiseFactory(**how, kind=PromiseKind.FIRST_UPDATE, subject="First status update")
    for _ in range(3):
        sweep_promises(now=now)
    late = Page.objects.filter(group__startswith="Leads: ").order_by("group")
    assert [page.status for page in late] == [PageStatus.RINGING, PageStatus.RINGING]

    make_private(incident, by=ana, now=now, reason="a person is named")

    assert [(page.group, page.status) for page in late.all()] == [
        ("Leads: first status update is late", PageStatus.RINGING),
        ("Leads: public update is late", PageStatus.STOPPED),
    ]


@pytest.mark.parametrize(
    "kind",
    [PromiseKind.FIRST_UPDATE, PromiseKind.STATUS_UPDATE, PromiseKind.PUBLIC_UPDATE, PromiseKind.EXECUTIVE_BRIEF],
)
def test_words_that_were_frozen_are_not_waited_for(
    kind: PromiseKind, incident: Incident, ana: Actor, now: datetime
) -> None:
    written = PromiseFactory(incident=incident, kind=kind, done_at=now, done_by=ana.user)

    make_private(incident, by=ana, now=now, reason="a person is named")

    written.refresh_from_db()
    assert (written.withdrawn_reason, written.wake_at) == ("it became private", None)


def test_it_needs_a_reason_each_way(incident: Incident, private: Incident, ana: Actor, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="Say why everybody may see it now"):
        make_public(private, by=ana, now=now, reason="")
    make_public(private, by=ana, now=now, reason="over")
    with pytest.raises(InvalidInput, match="Say why others must not see it"):
        make_private(private, by=ana, now=now, reason=" ")


def test_the_postmortem_follows(incident: Incident, ana: Actor, now: datetime) -> None:
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    resolve_incident(incident, by=ana, now=now)

    make_private(incident, by=ana, now=now, reason="a person is named")
    hidden = Postmortem.objects.get().audience
    make_public(incident, by=ana, now=now, reason="over")

    assert hidden == Audience.objects.get()
    assert Postmortem.objects.get().audience is None


def test_half_a_door_leaves_nothing(
    incident: Incident, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, said = Message.objects.unsent().count(), texts(incident)

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(audiences, "announce_audience", broken)
    with pytest.raises(RuntimeError):
        make_private(incident, by=ana, now=now, reason="a person is named")

    incident.refresh_from_db()
    assert (incident.audience, Audience.objects.count(), texts(incident)) == (None, 0, said)
    assert Message.objects.unsent().count() == waiting
    assert set(Page.objects.values_list("audience", flat=True)) == {None}
