"""The matrix: by time, by flag, by amount; each rule rings once, with what is expected."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from comms.enums import MessageKind
from comms.models import Message
from escalation.models import Page
from incidents.actions import escalation, paging
from incidents.actions.declare import declare_incident
from incidents.actions.escalation import apply_matrix, fire_due_escalations
from incidents.actions.flag import raise_flag
from incidents.actions.impact import set_impact
from incidents.actions.lock import lock_incident
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.reopen import reopen_incident
from incidents.actions.severity import change_level, take_back_change
from incidents.actions.status import (
    close_as_no_incident,
    close_incident,
    fail_watch,
    resolve_incident,
    stop_bleeding,
)
from incidents.models import Incident, IncidentEscalation, LadderVersion
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy
from tests.factories.incidents import level_of
from tests.factories.ladder import EscalationRuleFactory, FlagFactory
from tests.incidents.actions.conftest import texts

HALF = timedelta(minutes=30)
SECOND = timedelta(seconds=1)


@pytest.fixture
def pia(db: None) -> User:
    """The studio producer."""
    return ReachableUserFactory(handle="pia")


@pytest.fixture
def ladder(ladder: LadderVersion, pia: User) -> LadderVersion:
    """With a matrix: half an hour at SEV1 and SEV2, an hour at SEV1, the API concerned at SEV2, more than 10,000."""
    make_policy(pia, slug="producer", name="Studio producer")
    FlagFactory(version=ladder, slug="api", name="The API is concerned")
    half = {"levels": ["SEV1", "SEV2"], "unresolved_after": "30 min", "expected": "More people, vendor."}
    EscalationRuleFactory(version=ladder, name="Half an hour", policies=["producer"], **half)
    EscalationRuleFactory(version=ladder, name="An hour", levels=["SEV1"], unresolved_after="1 h")
    by_flag = {"levels": ["SEV2"], "unresolved_after": "", "flag": "api", "policies": ["producer", "gone"]}
    EscalationRuleFactory(version=ladder, name="The API", **by_flag)
    EscalationRuleFactory(
        version=ladder, name="Much revenue", unresolved_after="", revenue_over=10_000, policies=["producer"]
    )
    return ladder


def matrix(incident: Incident) -> dict[str, tuple[datetime, bool, bool]]:
    """{rule: (due, fired, withdrawn)}."""
    rows = incident.escalations.values_list("rule__name", "due_at", "fired_at", "withdrawn_at")
    return {name: (due, fired is not None, withdrawn is not None) for name, due, fired, withdrawn in rows}


def rung(incident: Incident) -> list[str]:
    """The groups that were rung beside that of the level, in order."""
    pages = Page.objects.about(incident.subject_key).order_by("pk")
    return [page.group for page in pages if page.group != "primary"]


def test_a_declaration_arms_the_rules_of_its_level(incident: Incident, now: datetime) -> None:
    assert matrix(incident) == {"Half an hour": (now + HALF, False, False)}


def test_it_rings_at_half_an_hour_and_once(incident: Incident, pia: User, now: datetime) -> None:
    counts = [fire_due_escalations(now=now + HALF - SECOND)]
    counts += [fire_due_escalations(now=now + HALF) for _ in range(2)]

    assert counts == [0, 1, 0]
    assert rung(incident) == ["Studio producer: Half an hour"]
    page = Page.objects.about(incident.subject_key).get(group="Studio producer: Half an hour")
    assert [attempt.user for attempt in page.attempts.all()] == [pia]
    said = Message.objects.get(kind=MessageKind.PAGE, user=pia).body
    assert said.endswith("Half an hour. What is expected of you: More people, vendor.")
    assert "**Escalated: Half an hour.** producer is rung: More people, vendor" in texts(incident)


def test_a_late_sweep_rings_once_all_the_same(incident: Incident, now: datetime) -> None:
    for _ in range(2):
        sweep_promises(now=now + timedelta(hours=3))

    assert rung(incident).count("Studio producer: Half an hour") == 1
    assert matrix(incident) == {"Half an hour": (now + HALF, True, False)}


def test_resolved_before_it_never_rings(incident: Incident, ana: Actor, now: datetime) -> None:
    resolve_incident(incident, by=ana, now=now + HALF - SECOND)

    assert fire_due_escalations(now=now + HALF) == 0
    assert matrix(incident) == {"Half an hour": (now + HALF, False, True)}
    assert rung(incident) == []


def test_what_was_no_incident_never_rings(incident: Incident, ana: Actor, now: datetime) -> None:
    close_as_no_incident(incident, by=ana, now=now)

    assert fire_due_escalations(now=now + HALF) == 0


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_was_over_counts_from_its_reopening(
    incident: Incident, ana: Actor, now: datetime, is_closed: bool
) -> None:
    over, back = now + timedelta(minutes=20), now + timedelta(minutes=25)
    resolve_incident(incident, by=ana, now=over)
    if is_closed:
        close_incident(incident, by=ana, now=over, reason="quiet")
        reopen_incident(incident, by=ana, now=back, reason="it is back")
    else:
        fail_watch(incident, by=ana, now=back, reason="it is back")

    assert matrix(incident) == {"Half an hour": (back + HALF, False, False)}
    assert fire_due_escalations(now=back + HALF - SECOND) == 0
    assert fire_due_escalations(now=back + HALF) == 1


def test_a_step_back_from_monitoring_is_no_reopening(incident: Incident, ana: Actor, now: datetime) -> None:
    stop_bleeding(incident, by=ana, now=now + timedelta(minutes=5))
    fail_watch(incident, by=ana, now=now + timedelta(minutes=10), reason="it is back")
    raise_flag(incident, by=ana, now=now + timedelta(minutes=11), flag="api")

    assert matrix(incident)["Half an hour"] == (now + HALF, False, False)


def test_another_level_has_other_rows_and_what_comes_back_counts_anew(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    raised = now + timedelta(minutes=10)
    change_level(incident, by=ana, now=raised, level=level_of(ladder, "SEV1"))
    sweep_promises(now=raised + timedelta(minutes=5))
    hour = raised + timedelta(hours=1)
    assert matrix(incident) == {"Half an hour": (now + HALF, False, False), "An hour": (hour, False, False)}

    change_level(incident, by=ana, now=now + HALF - SECOND, level=level_of(ladder, "SEV3"), reason="one customer")
    assert matrix(incident) == {"Half an hour": (now + HALF, False, True), "An hour": (hour, False, True)}
    assert fire_due_escalations(now=now + HALF) == 0

    back = now + timedelta(minutes=40)
    change_level(incident, by=ana, now=back, level=level_of(ladder, "SEV2"))
    sweep_promises(now=back + timedelta(seconds=10))
    assert matrix(incident) == {"Half an hour": (back + HALF, False, False), "An hour": (hour, False, True)}
    assert rung(incident) == []

    assert fire_due_escalations(now=back + HALF) == 1
    assert rung(incident) == ["Studio producer: Half an hour"]


def test_half_an_hour_at_a_level_is_not_half_an_hour_since_the_declaration(
    ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    incident = declare_incident(by=ana, now=now, level=level_of(ladder, "SEV3"), summary="Slow")
    raised = now + timedelta(hours=3)
    change_level(incident, by=ana, now=raised, level=level_of(ladder, "SEV2"))
    sweep_promises(now=raised + timedelta(seconds=10))

    assert rung(incident) == []
    assert matrix(incident) == {"Half an hour": (raised + HALF, False, False)}


def test_a_raise_that_is_taken_back_leaves_the_matrix_as_it_was(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    raised = now + timedelta(minutes=10)
    before = matrix(incident)
    change_level(incident, by=ana, now=raised, level=level_of(ladder, "SEV1"))
    set_impact(incident, by=ana, now=raised + SECOND, revenue_amount=50)
    assert matrix(incident) == before

    take_back_change(incident, by=ana, now=raised + 2 * SECOND)
    set_impact(incident, by=ana, now=raised + 3 * SECOND, revenue_amount=60)
    assert matrix(incident) == before

    again = raised + timedelta(minutes=5)
    change_level(incident, by=ana, now=again, level=level_of(ladder, "SEV1"))
    sweep_promises(now=again + timedelta(seconds=10))
    assert matrix(incident) == {**before, "An hour": (again + timedelta(hours=1), False, False)}


def test_an_incident_held_against_the_matrix_asks_as_little_after_many_changes(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    asked = []
    for step, level in enumerate(("SEV3", "SEV2", "SEV3", "SEV2"), start=1):
        at = now + step * timedelta(minutes=1)
        change_level(incident, by=ana, now=at, level=level_of(ladder, level), reason="seen")
        sweep_promises(now=at + timedelta(seconds=10))
        if level == "SEV2":
            locked = lock_incident(incident)
            with CaptureQueriesContext(connection) as queries:
                apply_matrix(locked, now=at + timedelta(seconds=20))
            asked.append(len(queries))

    assert asked[0] == asked[1]


def test_a_flag_rings_at_once_and_a_policy_that_is_gone_is_said(incident: Incident, ana: Actor, now: datetime) -> None:
    raise_flag(incident, by=ana, now=now, flag="api")

    assert rung(incident) == ["Studio producer: The API"]
    assert [text for text in texts(incident) if "gone" in text] == [
        "**Escalated: The API.** producer, gone are rung",
        "**Nobody was rung for gone:** there is no escalation policy called so. Page somebody by hand.",
    ]


def test_a_flag_that_is_up_rings_when_its_level_comes(ladder: LadderVersion, ana: Actor, now: datetime) -> None:
    incident = declare_incident(by=ana, now=now, level=level_of(ladder, "SEV3"), summary="Slow")
    raise_flag(incident, by=ana, now=now, flag="api")
    assert rung(incident) == []

    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV2"))
    sweep_promises(now=now + timedelta(seconds=10))

    assert rung(incident) == ["Studio producer: The API"]


def test_more_than_the_amount_rings_once(incident: Incident, ana: Actor, now: datetime) -> None:
    for amount in (10_000, 10_001, 50_000):
        set_impact(incident, by=ana, now=now, revenue_amount=amount)

    assert rung(incident) == ["Studio producer: Much revenue"]
    assert [text for text in texts(incident) if text.startswith("Revenue lost")] == [
        "Revenue lost: 10000",
        "Revenue lost: 10001",
        "Revenue lost: 50000",
    ]


def test_a_row_that_fails_stays_due_and_stops_nobody(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary="Another")
    working = paging.ring_policies

    def fail_for_one(about: Incident, *args: Any, **how: Any) -> Any:
        if about.pk == incident.pk:
            raise RuntimeError("this row is broken")
        return working(about, *args, **how)

    monkeypatch.setattr(escalation, "ring_policies", fail_for_one)
    said = texts(incident)
    assert fire_due_escalations(now=now + HALF) == 1

    assert (rung(incident), rung(other)) == ([], ["Studio producer: Half an hour"])
    assert texts(incident) == said
    assert IncidentEscalation.objects.waiting().get().incident == incident
