"""Raised by one press with ten seconds to take it back; lowered with a reason."""

from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, WrongState
from escalation.actions.page import acknowledge_page
from escalation.enums import PageStatus
from escalation.models import Page, Policy
from incidents.actions.declare import declare_incident
from incidents.actions.paging import page_people, page_policy
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.severity import change_level, settle_due_changes, take_back_change
from incidents.actions.status import resolve_incident, stop_bleeding
from incidents.enums import PromiseKind, WatchOrder
from incidents.models import Incident, LadderVersion, Level
from tests.factories.accounts import ActorFactory
from tests.factories.escalation import make_policy
from tests.factories.incidents import LevelFactory, level_of, make_ladder
from tests.incidents.actions.conftest import texts

TEN = timedelta(seconds=10)


def test_a_raise_shows_at_once_and_rings_after_ten_seconds(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))

    incident.refresh_from_db()
    assert incident.level.name == "SEV1"
    assert settle_due_changes(now=now + TEN - timedelta(seconds=1)) == 0
    assert Page.objects.count() == 1

    assert settle_due_changes(now=now + TEN) == 1
    assert settle_due_changes(now=now + TEN) == 0
    assert list(Page.objects.order_by("pk").values_list("level_name", "status")) == [
        ("SEV2", PageStatus.STOPPED),
        ("SEV1", PageStatus.RINGING),
    ]


def test_a_raise_rings_whoever_answered_before(
    incident: Incident, ladder: LadderVersion, ana: Actor, jens: User, now: datetime
) -> None:
    acknowledge_page(Page.objects.get(), by=ActorFactory(user=jens), now=now)

    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))
    settle_due_changes(now=now + TEN)

    again = Page.objects.get(level_name="SEV1")
    assert [attempt.user for attempt in again.attempts.all()] == [jens]


def test_a_raise_never_gives_more_time_than_was_promised(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    late = now + timedelta(minutes=29)

    change_level(incident, by=ana, now=late, level=level_of(ladder, "SEV1"))
    settle_due_changes(now=late + TEN)

    owed = {row.kind: row.due_at for row in incident.promises.undone()}
    assert owed[PromiseKind.STATUS_UPDATE] == now + timedelta(minutes=30)


def test_a_raise_tightens_the_clocks(incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime) -> None:
    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))
    settle_due_changes(now=now + TEN)

    owed = incident.promises.undone().get(kind=PromiseKind.STATUS_UPDATE)
    assert owed.due_at == now + TEN + timedelta(minutes=15)


def test_a_raise_is_taken_back_within_ten_seconds(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))
    take_back_change(incident, by=ana, now=now + timedelta(seconds=9))

    incident.refresh_from_db()
    assert incident.level.name == "SEV2"
    assert settle_due_changes(now=now + TEN) == 0
    assert Page.objects.count() == 1
    assert texts(incident)[-2:] == ["Raised from SEV2 to SEV1", "Taken back: it stays SEV2"]


def test_after_ten_seconds_it_is_too_late(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))

    with pytest.raises(WrongState, match="too late"):
        take_back_change(incident, by=ana, now=now + TEN)

    incident.refresh_from_db()
    assert incident.level.name == "SEV1"


def test_lowering_needs_a_reason_and_rings_nobody(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    with pytest.raises(InvalidInput, match="say why"):
        change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV3"))
    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV3"), reason="one customer only")

    incident.refresh_from_db()
    assert incident.level.name == "SEV3"
    assert texts(incident)[-1] == "Lowered from SEV2 to SEV3: one customer only"
    assert Page.objects.count() == 1
    assert not incident.promises.undone().filter(kind=PromiseKind.STATUS_UPDATE).exists()


def test_a_second_change_within_ten_seconds_takes_the_place_of_the_first(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))
    change_level(incident, by=ana, now=now + timedelta(seconds=3), level=level_of(ladder, "SEV3"), reason="a mistake")

    assert settle_due_changes(now=now + timedelta(minutes=1)) == 0
    incident.refresh_from_db()
    assert (incident.level.name, Page.objects.count()) == ("SEV3", 1)


def test_less_than_a_raise_that_has_not_rung_yet_rings_all_the_same(
    ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    incident = declare_incident(by=ana, now=now, level=level_of(ladder, "SEV3"), summary="Pipeline blocks spiking")
    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))
    late = now + timedelta(seconds=4)
    change_level(incident, by=ana, now=late, level=level_of(ladder, "SEV2"), reason="not that bad")

    assert settle_due_changes(now=late + TEN) == 1
    assert list(Page.objects.order_by("pk").values_list("level_name", "status")) == [
        ("SEV3", PageStatus.STOPPED),
        ("SEV2", PageStatus.RINGING),
    ]
    owed = incident.promises.undone().get(kind=PromiseKind.STATUS_UPDATE)
    assert owed.due_at == late + TEN + timedelta(minutes=30)


def test_a_raise_lets_ring_on_whom_nobody_rings_in_their_place(
    incident: Incident, ladder: LadderVersion, ana: Actor, mira: User, now: datetime
) -> None:
    by_hand = page_people(incident, by=ana, now=now, people=[mira])
    legal = page_policy(incident, by=ana, now=now, policy=make_policy(mira, slug="legal"))

    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))
    settle_due_changes(now=now + TEN)

    assert set(Page.objects.ringing()) == {by_hand, legal, Page.objects.get(level_name="SEV1")}


def test_a_raise_to_a_level_that_rings_nobody_silences_nobody(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    Policy.objects.update(slug="renamed")

    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))
    settle_due_changes(now=now + TEN)

    assert list(Page.objects.values_list("level_name", "status")) == [("SEV2", PageStatus.RINGING)]
    assert "**Nobody was rung for primary:**" in texts(incident)[-1]


def test_a_level_of_another_ladder_or_of_a_resolved_incident_is_refused(
    incident: Incident, ladder: LadderVersion, ana: Actor, jens: User, now: datetime
) -> None:
    other = make_ladder(jens, slug="other", is_default=False)
    with pytest.raises(InvalidInput, match="another version"):
        change_level(incident, by=ana, now=now, level=level_of(other, "SEV1"))

    resolve_incident(incident, by=ana, now=now)
    with pytest.raises(WrongState):
        change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))


def test_a_raise_of_an_incident_resolved_meanwhile_rings_nobody(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))
    resolve_incident(incident, by=ana, now=now + timedelta(seconds=5))

    with pytest.raises(WrongState, match="is resolved; its level stays SEV1"):
        take_back_change(incident, by=ana, now=now + timedelta(seconds=6))

    settle_due_changes(now=now + TEN)

    assert Page.objects.ringing().count() == 0
    assert Page.objects.count() == 1


@pytest.mark.parametrize("watched_rank", [40, 90])
def test_a_level_that_watches_before_resolved_begins_its_watch_when_it_is_reached_while_monitoring(
    ladder: LadderVersion, ana: Actor, now: datetime, watched_rank: int
) -> None:
    plain = LevelFactory(version=ladder, name="Plain", rank=50)
    order = WatchOrder.BEFORE_RESOLVED
    watched = LevelFactory(version=ladder, name="Watched", rank=watched_rank, watch_order=order, watch_for="30 min")
    incident = declare_incident(by=ana, now=now, level=plain, summary="Payments fail")
    stop_bleeding(incident, by=ana, now=now)
    change_level(incident, by=ana, now=now, level=watched, reason="seen")
    settle_due_changes(now=now + timedelta(seconds=10))
    with pytest.raises(InvalidInput, match="To resolve it all the same, give a reason"):
        resolve_incident(incident, by=ana, now=now + timedelta(minutes=1))

    change_level(incident, by=ana, now=now + timedelta(minutes=2), level=plain, reason="seen again")
    settle_due_changes(now=now + timedelta(minutes=3))
    assert not incident.promises.open().filter(kind=PromiseKind.WATCH).exists()
    resolve_incident(incident, by=ana, now=now + timedelta(minutes=4))


def watch_ends(incident: Incident) -> list[datetime]:
    """When the watch that runs ends."""
    return list(incident.promises.open().filter(kind=PromiseKind.WATCH).values_list("due_at", flat=True))


def watched(ladder: LadderVersion, **length: str) -> dict[str, Level]:
    """Levels that watch before “resolved”, the worst first: {name: level}."""
    order = WatchOrder.BEFORE_RESOLVED
    return {
        name: LevelFactory(version=ladder, name=name, rank=rank, watch_order=order, watch_for=watch_for)
        for rank, (name, watch_for) in enumerate(length.items(), start=50)
    }


def test_a_raise_to_a_longer_watch_ends_with_it_counted_from_the_mitigation(
    ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    levels = watched(ladder, Long="60 min", Short="30 min")
    incident = declare_incident(by=ana, now=now, level=levels["Short"], summary="Payments fail")
    stop_bleeding(incident, by=ana, now=now)
    at = now + timedelta(minutes=20)
    change_level(incident, by=ana, now=at, level=levels["Long"])

    hour = now + timedelta(hours=1)
    says = "Long is watched for 60 min before it is resolved: until 13:23 UTC"
    with pytest.raises(InvalidInput, match=says):
        resolve_incident(incident, by=ana, now=at + timedelta(seconds=1))
    settle_due_changes(now=at + TEN)
    assert watch_ends(incident) == [hour]
    with pytest.raises(InvalidInput, match=says):
        resolve_incident(incident, by=ana, now=now + timedelta(minutes=31))

    change_level(incident, by=ana, now=at + timedelta(minutes=1), level=levels["Short"], reason="seen")
    assert watch_ends(incident) == [hour]
    sweep_promises(now=hour)
    assert watch_ends(incident) == []
    resolve_incident(incident, by=ana, now=hour)


def test_a_raise_to_a_shorter_watch_keeps_the_longer(ladder: LadderVersion, ana: Actor, now: datetime) -> None:
    levels = watched(ladder, Short="30 min", Long="60 min")
    incident = declare_incident(by=ana, now=now, level=levels["Long"], summary="Payments fail")
    stop_bleeding(incident, by=ana, now=now)
    change_level(incident, by=ana, now=now + timedelta(minutes=5), level=levels["Short"])
    settle_due_changes(now=now + timedelta(minutes=5) + TEN)

    assert watch_ends(incident) == [now + timedelta(hours=1)]


@pytest.mark.parametrize(("minutes", "left"), [(40, True), (61, False)])
def test_a_watch_that_was_over_goes_on_only_for_what_is_left_of_a_longer_one(
    ladder: LadderVersion, ana: Actor, now: datetime, minutes: int, left: bool
) -> None:
    levels = watched(ladder, Long="60 min", Short="30 min")
    incident = declare_incident(by=ana, now=now, level=levels["Short"], summary="Payments fail")
    stop_bleeding(incident, by=ana, now=now)
    sweep_promises(now=now + timedelta(minutes=30))
    at = now + timedelta(minutes=minutes)
    change_level(incident, by=ana, now=at, level=levels["Long"])
    settle_due_changes(now=at + TEN)

    assert watch_ends(incident) == ([now + timedelta(hours=1)] if left else [])


def test_a_raise_that_begins_a_watch_holds_back_before_it_takes_effect(
    ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    plain = LevelFactory(version=ladder, name="Plain", rank=90)
    level = watched(ladder, Watched="30 min")["Watched"]
    incident = declare_incident(by=ana, now=now, level=plain, summary="Payments fail")
    stop_bleeding(incident, by=ana, now=now)
    at = now + timedelta(hours=2)
    change_level(incident, by=ana, now=at, level=level)

    with pytest.raises(InvalidInput, match="Watched is watched for 30 min before it is resolved: until 14:53 UTC"):
        resolve_incident(incident, by=ana, now=at + timedelta(seconds=1))
    take_back_change(incident, by=ana, now=at + timedelta(seconds=2))
    resolve_incident(incident, by=ana, now=at + timedelta(seconds=3))


def test_a_late_update_stays_late_at_a_raise_and_is_said_once(
    ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    incident = declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary="Payments fail")
    later = now + timedelta(hours=2)
    sweep_promises(now=later)
    said = [text for text in texts(incident) if "Broken promise" in text]
    assert said

    change_level(incident, by=ana, now=later, level=level_of(ladder, "SEV1"))
    settle_due_changes(now=later + timedelta(seconds=10))
    sweep_promises(now=later + timedelta(seconds=20))

    assert [text for text in texts(incident) if "Broken promise" in text] == said
