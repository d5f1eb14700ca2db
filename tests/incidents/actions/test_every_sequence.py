"""Whatever people do, in whatever order: one commander, spans in a row, promises that make sense, a timeline without
a hole."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import User
from core.errors import Refused
from incidents.actions.command import sweep_command
from incidents.actions.declare import declare_incident
from incidents.actions.handover import accept_handover, decline_handover, give_role, offer_handover, take_back_handover
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.responder import join_incident, leave_incident
from incidents.actions.role import assign_role
from incidents.actions.severity import change_level
from incidents.actions.status import close_incident, fail_watch, resolve_incident, stop_bleeding
from incidents.actions.sub_team import set_sub_team
from incidents.actions.vacancy import leave_role
from incidents.enums import IncidentStatus, PromiseKind, RoleKind
from incidents.models import Handover, Incident, LadderVersion
from incidents.states import AFTER_THE_FIRE
from tests.factories import NOW
from tests.incidents.actions.conftest import texts

Act = Callable[[Incident, Actor, User, datetime], Any]
PEOPLE, ROLES = 3, ("commander", "comms", "scribe", "investigator")


def level(name: str) -> Act:
    def act(incident: Incident, by: Actor, user: User, now: datetime) -> None:
        found = incident.level.version.levels.get(name=name)
        change_level(incident, by=by, now=now, level=found, reason="looked again")

    return act


def of_role(action: Callable[..., Any], role: str) -> Act:
    return lambda incident, by, user, now: action(incident, by=by, now=now, role=role, user=user)


def take(role: str) -> Act:
    def act(incident: Incident, by: Actor, user: User, now: datetime) -> None:
        held = incident.role_assignments.filter(role=role, ended_at__isnull=True).first()
        assign_role(incident, by=by, now=now, role=role, user=by.user, takes_from=held.user if held else None)

    return act


def answer(action: Callable[..., Any]) -> Act:
    def act(incident: Incident, by: Actor, user: User, now: datetime) -> None:
        for offer in Handover.objects.filter(incident=incident).order_by("-number")[:1]:
            action(offer, by=by, now=now)

    return act


ACTS: dict[str, Act] = {
    **{f"give {role}": of_role(give_role, role) for role in ROLES},
    **{f"leave {role}": of_role(leave_role, role) for role in ROLES},
    "take command": take("commander"),
    "take comms": take("comms"),
    "offer": lambda incident, by, user, now: offer_handover(incident, by=by, now=now, role="commander", to=user),
    "offer comms": lambda incident, by, user, now: offer_handover(incident, by=by, now=now, role="comms", to=user),
    "accept": answer(accept_handover),
    "decline": answer(decline_handover),
    "take back": answer(take_back_handover),
    "join": lambda incident, by, user, now: join_incident(incident, by=by, now=now),
    "go": lambda incident, by, user, now: leave_incident(incident, by=by, now=now),
    "team": lambda incident, by, user, now: set_sub_team(incident, by=by, now=now, name="db", people=[user]),
    "raise": level("SEV1"),
    "lower": level("SEV3"),
    "stop": lambda incident, by, user, now: stop_bleeding(incident, by=by, now=now),
    "resolve": lambda incident, by, user, now: resolve_incident(incident, by=by, now=now, reason="enough"),
    "it is back": lambda incident, by, user, now: fail_watch(incident, by=by, now=now, reason="it is back"),
    "close": lambda incident, by, user, now: close_incident(incident, by=by, now=now, reason="quiet"),
    "sweep": lambda incident, by, user, now: (sweep_promises(now=now), sweep_command(now=now)),
}
# Closing ends a story, so it comes seldom.
NAMES = [name for name in ACTS if name != "close"] * 3 + ["close"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1), st.sampled_from([0, 11, 900])
    ),
    min_size=4,
    max_size=16,
)


def wrong(incident: Incident) -> list[str]:
    """What no incident may ever look like."""
    found = []
    spans: dict[tuple[str, int], list[tuple[datetime, datetime | None]]] = {}
    for row in incident.role_assignments.order_by("began_at", "pk"):
        key = (row.role, 0 if row.kind != RoleKind.INVESTIGATOR else row.user_id)
        spans.setdefault(key, []).append((row.began_at, row.ended_at))
    for (role, _), line in spans.items():
        found += [f"{role} overlaps: {one} {two}" for one, two in pairwise(line) if one[1] is None or one[1] > two[0]]
    over = incident.status == IncidentStatus.CLOSED
    if over and incident.role_assignments.filter(ended_at__isnull=True).exists():
        found.append("a role outlives the response")
    for promise in incident.promises.all():
        if promise.kept_at and promise.withdrawn_at:
            found.append(f"{promise.kind} both kept and withdrawn")
        if over and promise.kept_at is None and promise.withdrawn_at is None and promise.kind not in AFTER_THE_FIRE:
            found.append(f"{promise.kind} is owed in a closed incident")
    offers = {offer.subject_key for offer in Handover.objects.waiting().filter(incident=incident)}
    owed = incident.promises.undone().filter(kind=PromiseKind.HANDOVER).values_list("subject_key", flat=True)
    if offers != set(owed):
        found.append(f"offers {offers}, promises to answer {set(owed)}")
    for offer in Handover.objects.waiting().filter(incident=incident):
        if not incident.role_assignments.filter(role=offer.role, user=offer.from_user, ended_at__isnull=True).exists():
            found.append("an offer of a role that its giver does not hold")
    entries = list(incident.entries.order_by("number").values_list("number", "recorded_at"))
    if [number for number, _ in entries] != list(range(1, incident.last_entry + 1)):
        found.append("a hole in the timeline")
    return found + [f"recorded before: {two}" for one, two in pairwise(entries) if one[1] > two[1]]


@pytest.mark.timeout(120)
@given(steps=STEPS)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_sequence_of_acts_breaks_what_always_holds(
    ladder: LadderVersion, ana: Actor, jens: User, mira: User, steps: list[tuple[str, int, int, int]]
) -> None:
    people = [ana.user, jens, mira]
    with transaction.atomic():
        now = NOW
        start = ladder.levels.get(name="SEV2")
        incident = declare_incident(by=ana, now=now, level=start, summary="Pipeline blocks spiking")
        for name, by, user, seconds in steps:
            now += timedelta(seconds=seconds)
            before = texts(incident)
            try:
                ACTS[name](incident, Actor(people[by]), people[user], now)
            except Refused:
                assert texts(incident) == before, f"{name} was refused and wrote"
            incident.refresh_from_db()
            assert wrong(incident) == [], f"after {name}"
        transaction.set_rollback(True)
