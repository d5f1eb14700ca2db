"""Words for others, the next moment printed in them, kept when they were handed over."""

import uuid
from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from comms.enums import MessageKind, MessageStatus
from comms.models import Message, Subscription
from comms.signals import message_delivered
from core.errors import Conflict, InvalidInput, WrongState
from core.signals import announce
from incidents.actions.channels import record_handed_over
from incidents.actions.composer import post_line
from incidents.actions.declare import declare_incident
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.status import change_status, close_incident, resolve_incident, stop_bleeding
from incidents.actions.status_update import post_no_change, post_status_update
from incidents.enums import EntryKind, IncidentStatus, PromiseKind, WatchOrder
from incidents.models import Incident, LadderVersion, Promise
from tests.factories.comms import SubscriptionFactory
from tests.factories.incidents import DutyFactory, LevelFactory, level_of
from tests.factories.ladder import MessageTemplateFactory
from tests.incidents.actions.conftest import texts


def hand_over(message: Message, now: datetime) -> None:
    """As the sweep does when a channel has taken it."""
    Message.objects.filter(pk=message.pk).update(status=MessageStatus.SENT, sent_at=now)
    message.refresh_from_db()
    announce(message_delivered, Message, message=message, now=now)


def update_promises(incident: Incident) -> list[Promise]:
    """Of status updates, oldest first."""
    return list(incident.promises.filter(kind=PromiseKind.STATUS_UPDATE).order_by("made_at", "pk"))


def test_an_update_goes_to_the_channel_with_the_next_moment_printed_in_it(
    incident: Incident, ana: Actor, now: datetime, settings: object
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"  # type: ignore[attr-defined]
    update = post_status_update(incident, by=ana, now=now, text="Rolling out a fix.", status="identified")

    message = Message.objects.get(kind=MessageKind.STATUS_UPDATE)
    assert message.subscription.name == "incidents"
    assert message.subject == "[SEV2] Pipeline blocks spiking"
    assert message.body == "Identified. Rolling out a fix.\n\nNext update by 14:53 CEST."
    assert update.next_by == now + timedelta(minutes=30)
    assert texts(incident)[-2:] == [
        "Status: identified",
        "**Identified.** Rolling out a fix.\n\nNext update by 14:53 CEST.",
    ]


def test_the_first_words_go_where_the_first_update_is_owed_and_the_next_ones_to_their_own_channel(
    ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    level = level_of(ladder, "SEV2")
    DutyFactory(level=level, position=2, kind=PromiseKind.FIRST_UPDATE, within="5 min", told_where=["all-hands"])
    SubscriptionFactory(name="all-hands")
    declared = declare_incident(by=ana, now=now, level=level, summary="Pipeline blocks spiking")

    first = post_status_update(declared, by=ana, now=now, text="We look into it.")
    second = post_status_update(declared, by=ana, now=now + timedelta(minutes=10), text="A fix is on its way.")

    assert (first.told_where, second.told_where) == (["all-hands"], ["incidents"])


def test_the_promise_is_kept_when_the_words_were_handed_over_not_when_they_were_queued(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    post_status_update(incident, by=ana, now=now, text="Looking.")
    answered, upcoming = update_promises(incident)
    assert (answered.done_at, answered.kept_at) == (now, None)

    hand_over(Message.objects.get(kind=MessageKind.STATUS_UPDATE), now + timedelta(seconds=2))

    answered.refresh_from_db()
    assert answered.kept_at == now + timedelta(seconds=2)
    assert (upcoming.done_at, upcoming.due_at) == (None, now + timedelta(minutes=30))


def test_words_that_no_channel_took_are_a_broken_promise(incident: Incident, ana: Actor, now: datetime) -> None:
    post_status_update(incident, by=ana, now=now + timedelta(minutes=20), text="Looking.")

    sweep_promises(now=now + timedelta(minutes=25))
    sweep_promises(now=now + timedelta(minutes=30))

    answered, upcoming = update_promises(incident)
    assert (answered.broken_at, answered.kept_at) == (now + timedelta(minutes=30), None)
    assert upcoming.broken_at is None
    assert "written but not handed over" in texts(incident)[-1]
    hand_over(Message.objects.get(kind=MessageKind.STATUS_UPDATE), now + timedelta(minutes=40))
    answered.refresh_from_db()
    assert answered.kept_at == now + timedelta(minutes=40)


def test_words_that_were_late_and_never_left_are_noticed(incident: Incident, ana: Actor, now: datetime) -> None:
    late = now + timedelta(minutes=45)
    for minute in (25, 30, 35, 40):
        sweep_promises(now=now + timedelta(minutes=minute))
    assert update_promises(incident)[0].wake_at is None

    post_status_update(incident, by=ana, now=late, text="Looking.")
    sweep_promises(now=late + timedelta(seconds=59))
    assert "written but not handed over" not in texts(incident)[-1]
    sweep_promises(now=late + timedelta(minutes=1))

    assert "written but not handed over" in texts(incident)[-1]


def test_a_hand_over_that_nobody_noted_is_found_by_the_sweep(incident: Incident, ana: Actor, now: datetime) -> None:
    post_status_update(incident, by=ana, now=now, text="Looking.")
    Message.objects.filter(kind=MessageKind.STATUS_UPDATE).update(status=MessageStatus.SENT, sent_at=now)

    sweep_promises(now=now + timedelta(minutes=30))

    answered = update_promises(incident)[0]
    assert (answered.kept_at, answered.broken_at) == (now + timedelta(minutes=30), None)


def test_later_words_that_arrive_answer_for_those_that_never_left(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    post_status_update(incident, by=ana, now=now, text="Looking.")
    lost = Message.objects.get(kind=MessageKind.STATUS_UPDATE)
    Message.objects.filter(pk=lost.pk).update(status=MessageStatus.NOT_SENT, not_sent_reason="Rejected: 404")
    post_status_update(incident, by=ana, now=now + timedelta(minutes=10), text="Found it.")
    hand_over(Message.objects.exclude(pk=lost.pk).get(kind=MessageKind.STATUS_UPDATE), now + timedelta(minutes=11))

    first, second, third = update_promises(incident)
    assert [row.kept_at for row in (first, second)] == [now + timedelta(minutes=11)] * 2
    assert (third.done_at, third.kept_at) == (None, None)


def test_what_never_left_is_not_owed_for_ever(incident: Incident, ana: Actor, now: datetime) -> None:
    post_status_update(incident, by=ana, now=now, text="Looking.")
    resolve_incident(incident, by=ana, now=now + timedelta(minutes=1))
    assert update_promises(incident)[0].withdrawn_at is None

    close_incident(incident, by=ana, now=now + timedelta(minutes=40))

    assert [row.kind for row in incident.promises.open()] == [PromiseKind.POSTMORTEM]


def test_a_key_that_has_pressed_something_else_posts_nothing_and_says_so(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    key = uuid.uuid4()
    post_line(incident, by=ana, now=now, line="A note", submission_key=key)
    with pytest.raises(Conflict, match="used for something else"):
        post_status_update(incident, by=ana, now=now, text="Looking.", submission_key=key)

    other = declare_incident(by=ana, now=now, level=level_of(ladder, "SEV3"), summary="Another")
    with pytest.raises(Conflict, match="another incident"):
        post_status_update(other, by=ana, now=now, text="Looking.", submission_key=key)
    assert not Message.objects.filter(kind=MessageKind.STATUS_UPDATE).exists()


def test_without_a_channel_it_is_kept_by_being_said_in_the_room(incident: Incident, ana: Actor, now: datetime) -> None:
    Subscription.objects.update(is_enabled=False)

    post_status_update(incident, by=ana, now=now, text="Looking.")

    assert update_promises(incident)[0].kept_at == now
    assert not Message.objects.filter(kind=MessageKind.STATUS_UPDATE).exists()


def test_no_change_is_one_press_and_does_not_pile_up(
    incident: Incident, ana: Actor, now: datetime, settings: object
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"  # type: ignore[attr-defined]
    with pytest.raises(InvalidInput, match="Nothing has been said yet"):
        post_no_change(incident, by=ana, now=now)
    post_status_update(incident, by=ana, now=now, text="Rolling out: a fix.")
    post_no_change(incident, by=ana, now=now + timedelta(minutes=10))

    third = post_no_change(incident, by=ana, now=now + timedelta(minutes=20))

    assert third.text == "No change since 14:33 CEST: Rolling out: a fix."
    assert third.next_by == now + timedelta(minutes=50)


def test_the_next_one_may_come_sooner_and_never_later(incident: Incident, ana: Actor, now: datetime) -> None:
    sooner = post_status_update(incident, by=ana, now=now, text="Looking.", next_by=now + timedelta(minutes=10))
    assert sooner.next_by == now + timedelta(minutes=10)

    for moment, sentence in ((now, "is past"), (now + timedelta(minutes=31), "at the latest")):
        with pytest.raises(InvalidInput, match=sentence):
            post_status_update(incident, by=ana, now=now, text="Looking.", next_by=moment)

    assert incident.status_updates.count() == 1
    assert incident.promises.undone().get(kind=PromiseKind.STATUS_UPDATE).due_at == now + timedelta(minutes=10)


@pytest.mark.parametrize(("text", "status"), [("", None), ("  ", None), ("Looking.", "banana"), ("x", "resolved")])
def test_an_update_that_is_none_changes_nothing(
    incident: Incident, ana: Actor, now: datetime, text: str, status: str | None
) -> None:
    with pytest.raises(InvalidInput):
        post_status_update(incident, by=ana, now=now, text=text, status=status)

    incident.refresh_from_db()
    assert (incident.status, incident.status_updates.count()) == (IncidentStatus.INVESTIGATING, 0)


def undone_by_it(incident: Incident) -> tuple[object, ...]:
    """What a step back undoes, as it stands now: stamps, watches and why they ended, lines of the timeline."""
    incident.refresh_from_db()
    watches = incident.promises.filter(kind=PromiseKind.WATCH).order_by("pk")
    return (
        *(incident.status, incident.mitigated_at, incident.mitigated_by, incident.resolved_at, incident.resolved_by),
        list(watches.values_list("due_at", "withdrawn_at", "withdrawn_reason")),
        list(incident.entries.filter(kind=EntryKind.STATUS).order_by("number").values_list("text", "facts")),
    )


@pytest.mark.parametrize("status", ["investigating", "identified"])
def test_words_that_step_back_undo_what_the_step_itself_undoes(
    ladder: LadderVersion, ana: Actor, now: datetime, status: str
) -> None:
    level = LevelFactory(version=ladder, rank=9, watch_order=WatchOrder.BEFORE_RESOLVED, watch_for="30 min")
    stepped, said = (declare_incident(by=ana, now=now, level=level, summary="Payments fail") for _ in range(2))
    for incident in (stepped, said):
        stop_bleeding(incident, by=ana, now=now)
    back = now + timedelta(minutes=5)
    change_status(stepped, by=ana, now=back, status=status)
    post_status_update(said, by=ana, now=back, text="It hurts again.", status=status)

    assert undone_by_it(said) == undone_by_it(stepped)
    assert undone_by_it(said)[:3] == (status, None, None)
    assert undone_by_it(said)[5] == [(now + timedelta(minutes=30), back, "it came back")]
    over = now + timedelta(minutes=31)
    sweep_promises(now=over)
    with pytest.raises(InvalidInput, match="say first that the bleeding stopped"):
        resolve_incident(said, by=ana, now=over)
    stop_bleeding(said, by=ana, now=over)
    running = said.promises.undone().get(kind=PromiseKind.WATCH)
    assert running.due_at == over + timedelta(minutes=30)


def test_words_that_stay_where_it_is_undo_nothing(ladder: LadderVersion, ana: Actor, now: datetime) -> None:
    level = LevelFactory(version=ladder, rank=9, watch_order=WatchOrder.BEFORE_RESOLVED, watch_for="30 min")
    incident = declare_incident(by=ana, now=now, level=level, summary="Payments fail")
    stop_bleeding(incident, by=ana, now=now)
    before = undone_by_it(incident)

    for status in (None, "monitoring"):
        post_status_update(incident, by=ana, now=now, text="Quiet.", status=status)
    assert undone_by_it(incident) == before


def test_a_resolved_incident_owes_no_more_updates(incident: Incident, ana: Actor, now: datetime) -> None:
    resolve_incident(incident, by=ana, now=now)

    with pytest.raises(WrongState):
        post_status_update(incident, by=ana, now=now, text="Looking.")


def test_a_double_press_posts_once(incident: Incident, ana: Actor, now: datetime) -> None:
    key = uuid.uuid4()

    first = post_status_update(incident, by=ana, now=now, text="Looking.", submission_key=key)
    second = post_status_update(incident, by=ana, now=now, text="Looking.", submission_key=key)

    assert first == second
    assert Message.objects.filter(kind=MessageKind.STATUS_UPDATE).count() == 1


def test_a_message_about_something_else_keeps_no_promise(incident: Incident, now: datetime) -> None:
    thread = Message.objects.get(kind=MessageKind.THREAD)

    assert record_handed_over(thread, now=now) is False
    assert update_promises(incident)[0].kept_at is None


def test_two_who_write_an_update_at_once_post_one_and_the_second_is_told(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    post_status_update(incident, by=ana, now=now, text="Looking.", seen=0)

    with pytest.raises(Conflict, match="@ana posted a status update at 12:23 UTC while you were writing: “Looking"):
        post_status_update(incident, by=ana, now=now, text="Found it.", seen=0)

    only = incident.status_updates.get()
    post_status_update(incident, by=ana, now=now, text="Found it.", seen=only.pk)
    assert incident.status_updates.count() == 2


def test_the_ladders_text_makes_the_internal_note_and_own_words_are_not_lost(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    MessageTemplateFactory(
        version=incident.level.version, text="Status: {status}\nImpact: {impact}\nDoing: {action}\nNext: {next_update}"
    )

    post_status_update(incident, by=ana, now=now, text="Hello.", action="Rolling back", status="identified")

    said = "Hello.\n\nStatus: Identified\nDoing: Rolling back\nNext: 12:53 UTC"
    assert texts(incident)[-1] == said
    assert Message.objects.get(kind=MessageKind.STATUS_UPDATE).body == said


def test_the_difference_to_the_last_one_is_kept_with_the_entry(incident: Incident, ana: Actor, now: datetime) -> None:
    post_status_update(incident, by=ana, now=now, impact="403", action="Looking")
    update = post_status_update(incident, by=ana, now=now, impact="403", action="Rolling back", status="identified")

    assert update.entry.facts["changed"] == ["status investigating → identified", "what we do changed"]
