"""What the public is told: by a press, recorded as it stood there, never of what is private or a drill."""

import uuid
from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from comms.enums import MessageKind
from comms.models import Message
from core.errors import InvalidInput, WrongState
from incidents.actions.declare import declare_incident
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.public_word import ready_words, set_public_state, tell_public
from incidents.actions.role import assign_role
from incidents.actions.status import close_incident, resolve_incident
from incidents.actions.status_update import post_no_change, post_status_update
from incidents.enums import Occasion, PromiseKind, TextAudience
from incidents.models import Incident, LadderVersion, Promise, StatusUpdate
from tests.factories.accounts import AudienceFactory
from tests.factories.incidents import level_of
from tests.factories.ladder import MessageTemplateFactory
from tests.incidents.actions.conftest import open_promises, texts


def test_a_declaration_owes_the_public_a_word_and_executives_a_brief(outage: Incident, now: datetime) -> None:
    assert open_promises(outage) == {
        PromiseKind.STATUS_UPDATE: now + timedelta(minutes=15),
        PromiseKind.PUBLIC_UPDATE: now + timedelta(minutes=5),
        PromiseKind.EXECUTIVE_BRIEF: now + timedelta(minutes=30),
    }


def test_the_ready_words_are_said_by_one_press_and_keep_the_promise(
    outage: Incident, ana: Actor, now: datetime, heard: list[str]
) -> None:
    tell_public(outage, by=ana, now=now + timedelta(minutes=1))

    outage.refresh_from_db()
    update = outage.status_updates.get()
    assert (outage.public_state, outage.public_told_at) == ("investigating", now + timedelta(minutes=1))
    words = "We are looking into a problem.\nNext update by 12:39 UTC."
    assert (update.public_text, update.told_public_at) == (words, now + timedelta(minutes=1))
    assert heard == [words]
    assert texts(outage)[-1] == f"**Told the public:** {words}"
    assert PromiseKind.STATUS_UPDATE in open_promises(outage)
    first = Promise.objects.filter(kind=PromiseKind.PUBLIC_UPDATE).earliest("pk")
    assert first.kept_at == now + timedelta(minutes=1)


def test_the_ladders_own_words_are_ready(outage: Incident, ladder: LadderVersion, now: datetime) -> None:
    MessageTemplateFactory(
        version=ladder,
        audience=TextAudience.PUBLIC,
        occasion=Occasion.DECLARED,
        text="We know of a problem with {service}.\nWe look into it since {now}.",
    )
    MessageTemplateFactory(
        version=ladder, audience=TextAudience.INTERNAL, occasion=Occasion.DECLARED, text="not for the public"
    )

    assert ready_words(outage, now=now) == "We look into it since 2026-04-18 12:23 UTC."


def test_a_public_word_that_is_late_is_reminded_and_broken(outage: Incident, now: datetime) -> None:
    sweep_promises(now=now + timedelta(minutes=3))
    sweep_promises(now=now + timedelta(minutes=5))

    promise = Promise.objects.get(kind=PromiseKind.PUBLIC_UPDATE)
    assert promise.broken_at == now + timedelta(minutes=5)
    assert "**Broken promise:** Public update was due at" in texts(outage)[-1]


def test_an_update_tells_the_public_only_when_it_is_ticked(
    outage: Incident, ana: Actor, now: datetime, heard: list[str]
) -> None:
    said = {"impact": "Nobody can sign in", "action": "Failing over"}
    post_status_update(outage, by=ana, now=now, **said)
    assert heard == []

    post_status_update(outage, by=ana, now=now + timedelta(minutes=1), status="identified", tell_public=True, **said)

    outage.refresh_from_db()
    assert heard == ["Identified.\nNobody can sign in\nFailing over\nNext update by 12:39 UTC."]
    assert outage.public_state == "identified"


def test_the_executive_brief_has_a_cadence_of_its_own_and_is_kept_when_it_was_handed_over(
    outage: Incident, ana: Actor, now: datetime
) -> None:
    update = post_status_update(
        outage, by=ana, now=now, impact="Nobody can sign in", action="Failing over", eta="15:00", tell_executives=True
    )

    message = Message.objects.get(kind=MessageKind.STATUS_UPDATE, subscription__name="executives")
    assert message.body == update.brief
    assert update.brief == (
        "[P0] Everything is down\nStatus: Investigating\nImpact: Nobody can sign in\nWhat we do: Failing over\n"
        "Expected to be over: 15:00\nNext brief by 12:53 UTC."
    )
    first, second = Promise.objects.filter(kind=PromiseKind.EXECUTIVE_BRIEF).order_by("pk")
    assert (first.done_at, first.kept_at, first.status_update) == (now, None, update)
    assert (second.done_at, second.due_at) == (None, now + timedelta(minutes=30))


def test_a_level_without_briefs_refuses_one_and_posts_nothing(incident: Incident, ana: Actor, now: datetime) -> None:
    before = texts(incident)

    with pytest.raises(WrongState, match="SEV2 owes no executive brief"):
        post_status_update(incident, by=ana, now=now, text="Looking.", tell_executives=True)

    assert (texts(incident), StatusUpdate.objects.count(), Message.objects.filter(kind="status_update").count()) == (
        before,
        0,
        0,
    )


@pytest.mark.parametrize("what", ["a drill", "private"])
def test_nothing_of_what_is_private_or_a_drill_is_ever_public(
    outage: Incident, ana: Actor, now: datetime, heard: list[str], what: str
) -> None:
    if what == "private":
        Incident.objects.filter(pk=outage.pk).update(audience=AudienceFactory(members=[ana.user]))
        outage.refresh_from_db()
    else:
        outage = declare_incident(by=ana, now=now, level=outage.level, summary="For practice", is_drill=True)
    before = texts(outage)

    for told in (
        lambda: tell_public(outage, by=ana, now=now, text="Down"),
        lambda: post_status_update(outage, by=ana, now=now, text="Down", tell_public=True),
        lambda: set_public_state(outage, now=now, state="identified"),
    ):
        with pytest.raises(WrongState, match="nothing of it is told to the public"):
            told()

    outage.refresh_from_db()
    assert (heard, outage.public_state, texts(outage), StatusUpdate.objects.count()) == ([], "", before, 0)


def test_after_the_resolution_the_public_may_be_told_that_it_is_over(
    outage: Incident, ana: Actor, now: datetime
) -> None:
    tell_public(outage, by=ana, now=now)
    resolve_incident(outage, by=ana, now=now + timedelta(minutes=20))
    outage.refresh_from_db()
    assert (outage.public_state, open_promises(outage)) == ("investigating", {})

    tell_public(outage, by=ana, now=now + timedelta(minutes=21))

    outage.refresh_from_db()
    assert outage.public_state == "resolved"
    assert outage.status_updates.first().public_text == "This is resolved.\nIt lasted 20 min."


def test_the_status_page_says_what_the_public_reads_also_of_a_closed_record(
    outage: Incident, ana: Actor, now: datetime
) -> None:
    resolve_incident(outage, by=ana, now=now)
    close_incident(outage, by=ana, now=now, reason="watched elsewhere")

    set_public_state(outage, now=now + timedelta(minutes=1), state="resolved")
    set_public_state(outage, now=now + timedelta(minutes=2), state="resolved")

    outage.refresh_from_db()
    assert (outage.public_state, outage.public_told_at) == ("resolved", now + timedelta(minutes=1))
    assert texts(outage)[-2:] == ["Closed: watched elsewhere", "The public reads: resolved"]
    with pytest.raises(InvalidInput, match="is no status"):
        set_public_state(outage, now=now, state="fine")


def test_a_double_press_tells_the_public_once(outage: Incident, ana: Actor, now: datetime, heard: list[str]) -> None:
    key = uuid.uuid4()
    for _ in range(2):
        tell_public(outage, by=ana, now=now, submission_key=key)

    assert len(heard) == 1


def test_the_thread_and_the_resolution_speak_in_the_ladders_own_words(
    ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    for occasion, text in (
        (Occasion.DECLARED, "{level} declared: {summary}\nService: {service}"),
        (Occasion.RESOLVED, "Over: {resolution}\nThanks, {thanks}"),
    ):
        MessageTemplateFactory(version=ladder, audience=TextAudience.INTERNAL, occasion=occasion, text=text)
    MessageTemplateFactory(
        version=ladder,
        audience=TextAudience.INTERNAL,
        occasion=Occasion.DECLARED,
        levels=["SEV3"],
        text="not this one",
    )
    incident = declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary="Blocks spiking")
    assign_role(incident, by=ana, now=now, role="scribe", user=ana.user)
    resolve_incident(incident, by=ana, now=now, reason="rolled back")

    bodies = Message.objects.filter(subscription__name="incidents").order_by("pk").values_list("body", flat=True)
    assert list(bodies) == ["SEV2 declared: Blocks spiking", "Over: rolled back\nThanks, @ana"]


def test_no_change_repeats_what_was_said_inside_and_not_what_only_the_public_was_told(
    outage: Incident, ana: Actor, now: datetime
) -> None:
    tell_public(outage, by=ana, now=now, text="We are looking into it.")
    with pytest.raises(InvalidInput, match="Nothing has been said yet"):
        post_no_change(outage, by=ana, now=now)
    post_status_update(outage, by=ana, now=now, text="The replica is rebuilt.")
    tell_public(outage, by=ana, now=now + timedelta(minutes=1), text="Some requests still fail.")

    update = post_no_change(outage, by=ana, now=now + timedelta(minutes=10))

    assert update.text.endswith(": The replica is rebuilt.")
