"""Flags: one press up, one down; a breach closes the incident in the same breath."""

from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from accounts.models import Audience, AudienceMember, User
from comms.enums import MessageKind, MessageStatus
from comms.models import Message
from comms.transports.envelope import DISCREET, envelope_of
from core.errors import InvalidInput, NotAllowed, WrongState
from escalation.actions.page import acknowledge_page
from escalation.models import Page
from incidents.actions import flag as flags
from incidents.actions.flag import lower_flag, raise_flag
from incidents.actions.role import assign_role
from incidents.actions.status import close_as_no_incident
from incidents.actions.status_update import post_status_update
from incidents.enums import PromiseKind
from incidents.models import Incident, IncidentFlag, LadderVersion
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.ladder import FlagFactory
from tests.incidents.actions.conftest import texts

THREE = timedelta(minutes=3)


@pytest.fixture
def ladder(ladder: LadderVersion) -> LadderVersion:
    """With two flags: the API, and a breach, which makes private."""
    FlagFactory(version=ladder, slug="api", name="The API is concerned")
    FlagFactory(
        version=ladder, slug="breach", name="Breach suspected", question="Is data at risk?", makes_private=True
    )
    return ladder


def states(incident: Incident, kind: MessageKind) -> list[tuple[str, str]]:
    """(to, status or why not) of every message of `kind`."""
    rows = Message.objects.filter(subject_key=incident.subject_key, kind=kind).order_by("pk")
    return [(str(row.user or row.subscription), row.not_sent_reason or row.status) for row in rows]


def test_a_flag_goes_up_and_down_and_its_history_is_kept(incident: Incident, ana: Actor, now: datetime) -> None:
    raise_flag(incident, by=ana, now=now, flag="api")
    raise_flag(incident, by=ana, now=now + THREE, flag="The API is concerned")
    lower_flag(incident, by=ana, now=now + THREE, flag="api")
    lower_flag(incident, by=ana, now=now + THREE, flag="api")
    raise_flag(incident, by=ana, now=now + THREE, flag="api")

    assert list(incident.flags.order_by("pk").values_list("flag", "raised_at", "raised_by", "lowered_at")) == [
        ("api", now, ana.user.pk, now + THREE),
        ("api", now + THREE, ana.user.pk, None),
    ]
    assert texts(incident)[-3:] == [
        "**Flag raised: The API is concerned**",
        "Flag lowered: The API is concerned",
        "**Flag raised: The API is concerned**",
    ]
    incident.refresh_from_db()
    assert incident.audience is None


def test_a_question_answered_with_no_is_on_record(incident: Incident, ana: Actor, now: datetime) -> None:
    lower_flag(incident, by=ana, now=now, flag="breach")
    lower_flag(incident, by=ana, now=now + THREE, flag="breach")

    row = IncidentFlag.objects.get()
    assert (row.raised_at, row.lowered_at, row.lowered_by) == (None, now, ana.user)
    assert texts(incident)[-1] == "Is data at risk? No"
    assert not incident.flags.up().exists()


def test_a_breach_at_minute_three_freezes_what_has_not_left(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    acknowledge_page(Page.objects.get(), by=ActorFactory(user=jens), now=now)
    post_status_update(incident, by=ana, now=now + THREE, text="Customer data may have leaked.")
    before = states(incident, MessageKind.STATUS_UPDATE)

    raise_flag(incident, by=ana, now=now + THREE, flag="breach")

    assert before == [("incidents", MessageStatus.WAITING)]
    why = f"{incident.reference} became private."
    assert states(incident, MessageKind.STATUS_UPDATE) == [("incidents", why)]
    assert states(incident, MessageKind.THREAD) == [("incidents", why)]
    frozen = Message.objects.filter(not_sent_reason=why)
    assert set(frozen.values_list("not_sent_at", flat=True)) == {now + THREE}
    # Nobody waits for those words any more; the next ones are owed, in the room.
    owed = incident.promises.filter(kind=PromiseKind.STATUS_UPDATE).order_by("pk")
    assert list(owed.values_list("withdrawn_reason", "kept_at")) == [("it became private", None), ("", None)]


def test_who_is_in_is_on_record_with_the_reason(incident: Incident, ana: Actor, jens: User, now: datetime) -> None:
    scribe, outsider, raiser = ReachableUserFactory(handle="sam"), ReachableUserFactory(), ActorFactory()
    acknowledge_page(Page.objects.get(), by=ActorFactory(user=jens), now=now)
    assign_role(incident, by=ana, now=now, role="scribe", user=scribe)

    raise_flag(incident, by=raiser, now=now + THREE, flag="breach")

    assert dict(AudienceMember.objects.values_list("user__handle", "reason")) == {
        "jens": "commander",
        "sam": "scribe",
        "ana": "declared it",
        raiser.user.handle: "made it private",
    }
    names = f"@jens (commander), @sam (scribe), @ana (declared it), @{raiser.user.handle} (made it private)"
    assert texts(incident)[-1].startswith(
        f"**Private from now on:** the flag “Breach suspected” was raised. It is seen by {names}."
    )
    assert [Incident.objects.visible_to(one).count() for one in (jens, scribe, ana.user, outsider)] == [1, 1, 1, 0]
    assert [Page.objects.visible_to(one).count() for one in (jens, outsider)] == [1, 0]
    assert [Message.objects.visible_to(one).exists() for one in (jens, outsider)] == [True, False]


def test_texts_leave_phones_and_somebody_outside_hears_nothing(
    incident: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    raise_flag(incident, by=ana, now=now + THREE, flag="breach")

    pages = Message.objects.filter(kind=MessageKind.PAGE, status=MessageStatus.WAITING)
    assert {row.user for row in pages} == {jens}
    assert {row.is_discreet for row in pages} == {True}
    phone = pages.first()
    phone.transport = "sms"
    assert (envelope_of(phone, now).subject, envelope_of(phone, now).body) == (DISCREET, "")


def test_after_a_breach_no_channel_is_told_and_that_is_said(incident: Incident, ana: Actor, now: datetime) -> None:
    raise_flag(incident, by=ana, now=now + THREE, flag="breach")

    update = post_status_update(incident, by=ana, now=now + THREE, text="We look at the logs.")
    close_as_no_incident(incident, by=ana, now=now + THREE)

    assert update.told_where == []
    assert states(incident, MessageKind.STATUS_UPDATE) == [
        ("incidents", "It is private: the channel incidents is not told.")
    ]


def test_a_lowered_breach_stays_private(incident: Incident, ana: Actor, now: datetime) -> None:
    raise_flag(incident, by=ana, now=now, flag="breach")
    lower_flag(incident, by=ana, now=now + THREE, flag="breach")

    incident.refresh_from_db()
    assert incident.audience is not None
    assert texts(incident)[-1] == "Flag lowered: Breach suspected. It stays private until it is made public"


def test_refusals_name_the_flags_there_are(incident: Incident, ana: Actor, now: datetime) -> None:
    viewer = ActorFactory(user=UserFactory(viewer=True))
    with pytest.raises(InvalidInput, match="There is no flag “fire” here; this ladder has: api, breach"):
        raise_flag(incident, by=ana, now=now, flag="fire")
    with pytest.raises(NotAllowed):
        raise_flag(incident, by=viewer, now=now, flag="breach")
    close_as_no_incident(incident, by=ana, now=now)
    with pytest.raises(WrongState, match="closed"):
        raise_flag(incident, by=ana, now=now, flag="breach")
    assert not IncidentFlag.objects.exists()


def test_a_flag_that_cannot_be_finished_leaves_nothing(
    incident: Incident, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, waiting = texts(incident), Message.objects.unsent().count()

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(flags, "apply_matrix", broken)
    with pytest.raises(RuntimeError):
        raise_flag(incident, by=ana, now=now, flag="breach")

    incident.refresh_from_db()
    assert (incident.audience, IncidentFlag.objects.count(), Audience.objects.count()) == (None, 0, 0)
    assert (texts(incident), Message.objects.unsent().count()) == (said, waiting)
