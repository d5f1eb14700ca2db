"""A handover of command: offered with a brief, and theirs only once they accept it."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.actor import Actor
from accounts.models import User
from comms.models import Message
from core.errors import InvalidInput, NotAllowed, WrongState
from incidents.actions import handover as handover_actions
from incidents.actions.audience import make_private
from incidents.actions.composer import post_line
from incidents.actions.handover import accept_handover, decline_handover, give_role, offer_handover, take_back_handover
from incidents.actions.paging import roles_of
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.role import assign_role
from incidents.actions.status import close_incident, resolve_incident
from incidents.actions.sub_team import set_sub_team
from incidents.actions.task import give_task
from incidents.actions.vacancy import leave_role
from incidents.enums import PromiseKind
from incidents.models import Handover, Incident, Promise, RoleAssignment
from incidents.owed import owed
from incidents.permissions import can_see
from incidents.queries.owed import facts_of_one
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.incidents.actions.conftest import texts

MINUTE = timedelta(minutes=1)


@pytest.fixture
def commanded(incident: Incident, ana: Actor, now: datetime) -> Incident:
    """Ana commands."""
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    return incident


@pytest.fixture
def offer(commanded: Incident, ana: Actor, jens: User, now: datetime) -> Handover:
    """Ana offers it to Jens after a minute."""
    return offer_handover(commanded, by=ana, now=now + MINUTE, role="commander", to=jens)


def promise_of(offer: Handover) -> Promise:
    return offer.incident.promises.get(kind=PromiseKind.HANDOVER)


def spans(incident: Incident) -> list[tuple[str, datetime, datetime | None]]:
    """Who commanded from when to when."""
    rows = incident.role_assignments.filter(role="commander").order_by("began_at", "pk")
    return list(rows.values_list("user__handle", "began_at", "ended_at"))


def test_until_it_is_accepted_command_promises_and_pages_stay(
    offer: Handover, commanded: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    assert commanded.commander == ana.user
    assert roles_of(commanded) == {"commander": [ana.user.pk]}
    promise = promise_of(offer)
    assert (promise.owner, promise.due_at, promise.link) == (jens, now + 11 * MINUTE, offer.get_absolute_url())
    assert texts(commanded)[-1] == "@ana offers @jens the role commander; it is theirs once they accept"
    [row] = [row for row in owed(facts_of_one(commanded), now + 2 * MINUTE) if row.owner == "@jens"]
    assert (row.what, row.verb, row.url) == (
        "Accept the role commander from @ana, or decline it",
        "Answer",
        offer.get_absolute_url(),
    )


def test_accepted_it_is_theirs_and_both_spans_are_kept(
    offer: Handover, commanded: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    at = now + 5 * MINUTE
    held = accept_handover(offer, by=ActorFactory(user=jens), now=at)

    assert spans(commanded) == [("ana", now, at), ("jens", at, None)]
    assert promise_of(offer).kept_at == at
    assert texts(commanded)[-1] == "@jens is commander, handed over by @ana; before: @ana"
    told = Message.objects.get(dedup_key__startswith=f"handover:{offer.pk}:answer")
    assert (told.user, told.body) == (ana.user, "@jens has accepted: the role commander is theirs.")
    assert accept_handover(offer, by=ActorFactory(user=jens), now=at + MINUTE) == held


def test_declined_it_stays_and_whoever_offered_it_is_told(
    offer: Handover, commanded: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    at = now + 2 * MINUTE
    decline_handover(offer, by=ActorFactory(user=jens), now=at)
    decline_handover(offer, by=ActorFactory(user=jens), now=at)

    offer.refresh_from_db()
    assert (offer.declined_at, offer.withdrawn_at, commanded.commander) == (at, None, ana.user)
    promise = promise_of(offer)
    assert (promise.withdrawn_at, promise.withdrawn_reason) == (at, "declined by @jens")
    assert texts(commanded)[-1] == "@jens declined the role commander; it stays with @ana"
    assert Message.objects.get(dedup_key__startswith=f"handover:{offer.pk}:answer").user == ana.user
    with pytest.raises(WrongState, match="is over"):
        accept_handover(offer, by=ActorFactory(user=jens), now=at)


def test_taken_back_nobody_owes_an_answer(
    offer: Handover, commanded: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    take_back_handover(offer, by=ana, now=now + 2 * MINUTE)

    offer.refresh_from_db()
    assert (offer.withdrawn_at, promise_of(offer).withdrawn_reason) == (now + 2 * MINUTE, "taken back")
    with pytest.raises(WrongState, match="is over"):
        accept_handover(offer, by=ActorFactory(user=jens), now=now + 3 * MINUTE)


def test_only_whom_it_was_offered_to_answers_it(offer: Handover, ana: Actor, mira: User, now: datetime) -> None:
    for act in (accept_handover, decline_handover):
        with pytest.raises(NotAllowed, match="It was offered to @jens"):
            act(offer, by=ana, now=now)
    with pytest.raises(NotAllowed, match="Only @ana takes it back"):
        take_back_handover(offer, by=ActorFactory(user=mira), now=now)

    offer.refresh_from_db()
    assert offer.is_open


def test_an_offer_to_another_takes_the_place_of_the_first(
    offer: Handover, commanded: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    assert offer_handover(commanded, by=ana, now=now + MINUTE, role="commander", to=jens) == offer
    second = offer_handover(commanded, by=ana, now=now + 2 * MINUTE, role="commander", to=mira)

    offer.refresh_from_db()
    assert (offer.withdrawn_at, second.number) == (now + 2 * MINUTE, 2)
    open_ones = commanded.promises.undone().filter(kind=PromiseKind.HANDOVER)
    assert [promise.owner for promise in open_ones] == [mira]


def test_an_offer_that_nobody_answers_is_a_broken_promise_of_theirs(
    offer: Handover, commanded: Incident, jens: User, now: datetime
) -> None:
    sweep_promises(now=now + 11 * MINUTE)

    assert promise_of(offer).broken_at == now + 11 * MINUTE
    assert any(text.startswith("**Broken promise:** Accept the role commander") for text in texts(commanded))


def test_taken_by_force_the_offer_is_over(
    offer: Handover, commanded: Incident, ana: Actor, mira: User, now: datetime
) -> None:
    by = ActorFactory(user=mira)
    assert post_line(commanded, by=by, now=now + 2 * MINUTE, line="/take commander @ana").said == "You are commander."

    offer.refresh_from_db()
    assert (offer.is_open, promise_of(offer).withdrawn_reason) == (False, "@mira has the role")
    assert texts(commanded)[-1] == "@mira is commander, taken from @ana without a handover; before: @ana"


@pytest.mark.parametrize("end", ["leave", "close"])
def test_whoever_offered_it_and_leaves_ends_the_offer(
    offer: Handover, commanded: Incident, ana: Actor, now: datetime, end: str
) -> None:
    at = now + 2 * MINUTE
    if end == "leave":
        leave_role(commanded, by=ana, now=at, role="commander", user=ana.user)
    else:
        resolve_incident(commanded, by=ana, now=at)
        close_incident(commanded, by=ana, now=at, reason="quiet")

    offer.refresh_from_db()
    assert (offer.withdrawn_at, promise_of(offer).withdrawn_at) == (at, at)


def test_given_by_its_holder_it_is_offered_and_an_empty_one_is_filled_at_once(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    first = give_role(incident, by=ana, now=now, role="commander", user=ana.user)
    second = give_role(incident, by=ana, now=now, role="commander", user=jens)
    third = post_line(incident, by=ana, now=now, line="/role commander @jens").said

    assert (type(first), type(second)) == (RoleAssignment, Handover)
    assert third == "Offered to @jens; it is theirs once they accept."
    assert Handover.objects.count() == 1


def test_what_cannot_be_offered_is_refused(commanded: Incident, ana: Actor, jens: User, now: datetime) -> None:
    gone = UserFactory(handle="gone", is_active=False)
    refusals = [
        (ActorFactory(user=jens), "commander", ana.user, WrongState, "Only whoever is commander hands it over"),
        (ana, "scribe", jens, WrongState, "Only whoever is scribe hands it over"),
        (ana, "commander", gone, InvalidInput, "@gone is no longer here"),
        (ana, "commander", ana.user, InvalidInput, "it is yours already"),
    ]
    for by, role, to, error, sentence in refusals:
        with pytest.raises(error, match=sentence):
            offer_handover(commanded, by=by, now=now, role=role, to=to)

    assert Handover.objects.count() == 0


def test_the_brief_tells_what_somebody_must_know_who_takes_over(
    commanded: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    assign_role(commanded, by=ana, now=now, role="scribe", user=mira)
    set_sub_team(commanded, by=ana, now=now, name="database", people=[mira, jens])
    Incident.objects.filter(pk=commanded.pk).update(
        customers_count=12, symptom="Chat returns\n403", impact_began_at=now - 8 * MINUTE
    )

    brief = offer_handover(commanded, by=ana, now=now + 25 * MINUTE, role="commander", to=jens).brief

    assert brief == (
        f"**What:** [SEV2] Pipeline blocks spiking ({commanded.reference}, investigating)\n\n"
        "**Since:** declared 2026-04-18 14:23 CEST; it hurts since 2026-04-18 14:15 CEST\n\n"
        "**Impact:** Chat returns 403; 12 customers\n\n"
        "**Who:** Commander @ana since 14:23 CEST; Scribe @mira since 14:23 CEST; "
        "database: @mira leads, @jens\n\n"
        "**Owed now:**\n\n"
        "- Acknowledge: primary, by 14:28 CEST (late)\n"
        "- Status update, by 14:53 CEST · commander"
    )
    assert brief in Message.objects.get(user=jens, dedup_key__startswith="handover:").body


@pytest.mark.parametrize("broken", ["make_promise", "tell", "write_entry"])
def test_an_offer_that_breaks_half_way_leaves_nothing(
    commanded: Incident, ana: Actor, jens: User, now: datetime, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(handover_actions, broken, fail)
    with pytest.raises(IntegrityError):
        offer_handover(commanded, by=ana, now=now, role="commander", to=jens)

    assert (Handover.objects.count(), commanded.promises.filter(kind=PromiseKind.HANDOVER).count()) == (0, 0)
    assert not Message.objects.filter(user=jens, dedup_key__startswith="handover:").exists()


def test_an_acceptance_that_breaks_half_way_leaves_command_where_it_was(
    offer: Handover, commanded: Incident, ana: Actor, jens: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(handover_actions, "put_in_role", fail)
    with pytest.raises(IntegrityError):
        accept_handover(offer, by=ActorFactory(user=jens), now=now)

    offer.refresh_from_db()
    assert (offer.is_open, commanded.commander, promise_of(offer).kept_at) == (True, ana.user, None)


def owners(incident: Incident) -> dict[str, str | None]:
    """{what is owed: by whom, by name}."""
    return dict(incident.promises.open().values_list("kind", "owner__handle"))


def test_what_was_owed_by_who_commanded_stays_until_it_is_accepted_and_then_goes_along(
    commanded: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    give_task(commanded, by=ana, now=now, text="Watch the graph", owner=ana.user, due_at=now + 60 * MINUTE)
    resolve_incident(commanded, by=ana, now=now + MINUTE)
    offer = offer_handover(commanded, by=ana, now=now + 2 * MINUTE, role="commander", to=jens)
    assert owners(commanded) == {"watch": "ana", "postmortem": "ana", "task": "ana", "handover": "jens"}

    accept_handover(offer, by=ActorFactory(user=jens), now=now + 3 * MINUTE)

    assert owners(commanded) == {"watch": "jens", "postmortem": "jens", "task": "ana"}
    assert texts(commanded)[-2:] == [
        "@jens is commander, handed over by @ana; before: @ana. Theirs to do now: Watch for 30 min",
        "The postmortem is @jens’s to write, no longer @ana’s",
    ]


def test_an_offer_that_is_declined_moves_nothing_that_is_owed(
    commanded: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    resolve_incident(commanded, by=ana, now=now + MINUTE)
    offer = offer_handover(commanded, by=ana, now=now + 2 * MINUTE, role="commander", to=jens)

    decline_handover(offer, by=ActorFactory(user=jens), now=now + 3 * MINUTE)

    assert owners(commanded) == {"watch": "ana", "postmortem": "ana"}


def test_who_may_not_see_a_private_incident_is_let_in_by_the_offer_and_told(
    commanded: Incident, ana: Actor, now: datetime
) -> None:
    outsider = ReachableUserFactory(handle="otto")
    private = make_private(commanded, by=ana, now=now, reason="a person is named")
    assert not can_see(Actor(outsider), private)

    offer = offer_handover(private, by=ana, now=now + MINUTE, role="commander", to=outsider)

    assert can_see(Actor(outsider), private)
    assert texts(private)[-1] == (
        "@ana offers @otto the role commander; it is theirs once they accept. @otto was let in for it"
    )
    told = Message.objects.get(user=outsider)
    assert (told.audience, told.link.endswith(offer.get_absolute_url())) == (private.audience, True)
    assert told.body.startswith(
        "@ana offers you the role commander. Accept it or decline it: until then it stays theirs. It is private: "
        "speak of it with nobody but those whom the room names.\n\n"
    )
    accept_handover(offer, by=ActorFactory(user=outsider), now=now + 2 * MINUTE)
    assert spans(private)[-1][0] == "otto"


def test_who_may_let_nobody_in_offers_a_private_incident_to_those_inside_alone(
    commanded: Incident, ana: Actor, mira: User, now: datetime
) -> None:
    outsider = ReachableUserFactory(handle="otto")
    assign_role(commanded, by=ana, now=now, role="comms", user=mira)
    private = make_private(commanded, by=ana, now=now, reason="a person is named")

    with pytest.raises(InvalidInput, match="@otto may not see this private incident; let them in first"):
        offer_handover(private, by=ActorFactory(user=mira), now=now, role="comms", to=outsider)

    assert (Handover.objects.count(), Message.objects.filter(user=outsider).count()) == (0, 0)
