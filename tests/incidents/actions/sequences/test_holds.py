"""Each rule speaks when it is broken: rows are made to say what no action would."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from accounts.models import Audience, User
from incidents.actions.declare import declare_incident
from incidents.enums import CheckOutcome, IncidentStatus, PromiseKind, RoleKind
from incidents.models import Handover, Incident, IncidentEscalation, LadderVersion, Promise, RoleAssignment
from tests.factories import NOW
from tests.factories.incidents import level_of
from tests.incidents.actions.sequences.holds import wrong

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def incident(ladder: LadderVersion, ana: Actor) -> Incident:
    """A SEV1 of which every rule holds."""
    declared = declare_incident(by=ana, now=NOW, level=level_of(ladder, "SEV1"), summary="Pipeline blocks spiking")
    assert wrong(declared) == []
    return declared


def be(incident: Incident, **fields: object) -> None:
    for name, value in fields.items():
        setattr(incident, name, value)


def hold(incident: Incident, user: User, ended_at: datetime | None = None) -> None:
    RoleAssignment.objects.create(
        incident=incident, role="scribe", kind=RoleKind.SCRIBE, user=user, began_at=NOW, ended_at=ended_at
    )


def overlap(incident: Incident, user: User) -> None:
    hold(incident, user, ended_at=LATER)
    hold(incident, user)


def close_at_once(incident: Incident, user: User) -> None:
    hold(incident, user)
    be(incident, status=IncidentStatus.CLOSED, closed_at=NOW)


def hide(incident: Incident, user: User) -> None:
    hold(incident, user)
    be(incident, audience=Audience.objects.create())


def owe(incident: Incident, kind: PromiseKind, **fields: object) -> None:
    given = {"made_at": NOW, "due_at": LATER, "wake_at": LATER, "subject": "owed", **fields}
    Promise.objects.create(incident=incident, kind=kind, **given)


def owe_otherwise(incident: Incident, **fields: object) -> None:
    assert incident.promises.filter(kind=PromiseKind.STATUS_UPDATE).update(**fields) == 1


def offer(incident: Incident, user: User) -> None:
    assert incident.declared_by
    Handover.objects.create(
        incident=incident, number=1, role="scribe", from_user=user, to_user=incident.declared_by, offered_at=NOW
    )


def burnt_out(incident: Incident, user: User) -> None:
    be(incident, status=IncidentStatus.RESOLVED, resolved_at=NOW)


BREAKS: dict[str, Callable[[Incident, User], object]] = {
    "scribe overlaps": overlap,
    "a role outlives the response": close_at_once,
    "kept and never done": lambda incident, user: owe_otherwise(incident, kept_at=NOW),
    "nobody looks at": lambda incident, user: owe_otherwise(incident, wake_at=None),
    "broken at": lambda incident, user: owe_otherwise(incident, broken_at=NOW),
    "owed before it is resolved": lambda incident, user: owe(incident, PromiseKind.POSTMORTEM),
    "owed although it is resolved": burnt_out,
    "something urgent is owed in a closed record": close_at_once,
    "watched while investigating": lambda incident, user: owe(incident, PromiseKind.WATCH),
    "promises to answer": offer,
    "an offer of a role that its giver does not hold": offer,
    "may not see it": hide,
    "a public word is owed": hide,
    "the last change made it": lambda incident, user: incident.severity_changes.create(
        before=incident.level, after=incident.level.version.levels.get(name="SEV2"), at=NOW, takes_effect_at=NOW
    ),
    "a hole in the timeline": lambda incident, user: be(incident, last_entry=incident.last_entry + 1),
    "was last said to be open": lambda incident, user: incident.checklist.update(
        outcome=CheckOutcome.PASSED, marked_at=NOW, marked_by=user
    ),
    "the matrix waits": burnt_out,
}


@pytest.mark.parametrize("said", BREAKS)
def test_what_is_broken_is_said(incident: Incident, jens: User, said: str) -> None:
    assert IncidentEscalation.objects.filter(incident=incident).exists()

    BREAKS[said](incident, jens)

    assert [sentence for sentence in wrong(incident) if said in sentence] != []
