"""The real actions of an incident open, withdraw and reopen its postmortem."""

from datetime import timedelta

import pytest

from accounts.models import AudienceMember
from core.errors import WrongState
from core.moments import show_moment
from incidents.actions.audience import make_private
from incidents.actions.declare import declare_incident
from incidents.actions.handover import accept_handover, offer_handover
from incidents.actions.impact import set_impact
from incidents.actions.link import merge_incident
from incidents.actions.new_failure import finish_runbook_update, note_new_failure
from incidents.actions.promise import make_promise
from incidents.actions.role import assign_role
from incidents.actions.runbook import take_up_runbook
from incidents.actions.status import (
    change_status,
    close_as_no_incident,
    close_incident,
    fail_watch,
    resolve_incident,
    stop_bleeding,
)
from incidents.actions.timeline import add_entry
from incidents.enums import EntryKind, PromiseKind
from postmortems.actions.action_item import drop_action_item, finish_action_item
from postmortems.actions.postmortem import open_postmortem, publish_postmortem
from postmortems.actions.review import approve_postmortem, ask_review
from postmortems.actions.section import edit_section
from postmortems.enums import PostmortemStatus, SectionKey
from postmortems.export.record import read_head, timeline_lines
from postmortems.models import Postmortem
from postmortems.queries.postmortem import entries_of
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.incidents import level_of, make_ladder
from tests.factories.ladder import RunbookFactory
from tests.postmortems.story import berlin


@pytest.fixture
def resolved(jens):
    """Declared at 14:23, found at 14:29, stopped at 14:44, over at 15:20."""
    level = level_of(make_ladder(jens.user), "SEV2")
    incident = declare_incident(by=jens, now=berlin("14:23"), level=level, summary="Pipeline blocks spiking")
    set_impact(incident, by=jens, now=berlin("14:25"), impact_began_at=berlin("14:15"))
    add_entry(incident, by=jens, now=berlin("14:26"), text="Spike begins", happened_at=berlin("14:15"))
    change_status(incident, by=jens, now=berlin("14:29"), status="identified")
    stop_bleeding(incident, by=jens, now=berlin("14:44"))
    return resolve_incident(incident, by=jens, now=berlin("15:20"))


def test_who_works_on_the_postmortem_of_what_becomes_private_is_let_in_and_who_is_done_is_not(resolved, jens, mira):
    postmortem, resolver = Postmortem.objects.get(), ActorFactory()
    asked, done = UserFactory(handle="asked"), ActorFactory(user=UserFactory(handle="done"))
    ask_review(postmortem, by=jens, now=berlin("15:30"), reviewers=[asked, done.user])
    approve_postmortem(postmortem, by=done, now=berlin("15:31"))
    Postmortem.objects.update(author=mira.user)

    make_private(resolved, by=resolver, now=berlin("15:40"), reason="a person is named")

    reasons = dict(AudienceMember.objects.values_list("user__handle", "reason"))
    assert reasons["asked"] == "reviews the postmortem"
    assert reasons["mira"] == "writes the postmortem"
    assert "done" not in reasons
    assert [Postmortem.objects.visible_to(user).count() for user in (asked, mira.user, done.user)] == [1, 1, 0]
    last = resolved.entries.latest("number")
    assert (last.kind, last.text) == (
        EntryKind.AUDIENCE,
        "It is also seen by @asked (reviews the postmortem), @mira (writes the postmortem)",
    )


def test_a_published_postmortem_lets_nobody_in(resolved, jens, mira):
    write(Postmortem.objects.get(), jens)
    ask_review(Postmortem.objects.get(), by=jens, now=berlin("16:00"), reviewers=[mira.user])
    publish_postmortem(Postmortem.objects.get(), by=jens, now=berlin("16:01"))

    make_private(resolved, by=jens, now=berlin("16:02"), reason="a person is named")

    assert not AudienceMember.objects.filter(user=mira.user).exists()
    assert not Postmortem.objects.visible_to(mira.user).exists()


def write(postmortem, jens):
    for key in (SectionKey.SUMMARY, SectionKey.ROOT_CAUSE):
        section = postmortem.sections.get(key=key)
        edit_section(section, by=jens, now=berlin("16:00"), body="It broke.", revision=section.revision)


def test_a_resolution_opens_a_draft_that_is_due_48_hours_later(resolved, jens):
    postmortem = Postmortem.objects.get()

    assert (postmortem.incident, postmortem.author) == (resolved, jens.user)
    assert show_moment(postmortem.due_at) == "2026-04-20 15:20 CEST"
    promise = resolved.promises.open().get(kind=PromiseKind.POSTMORTEM)
    assert (promise.due_at, promise.made_at, promise.owner) == (postmortem.due_at, berlin("15:20"), jens.user)
    assert promise.link == f"/postmortems/{resolved.reference}/"


def hand_command(incident, giver, taker, at):
    if incident.commander is None:
        assign_role(incident, by=giver, now=at, role="commander", user=giver.user)
    offer = offer_handover(incident, by=giver, now=at, role="commander", to=taker.user)
    accept_handover(offer, by=taker, now=at + timedelta(minutes=1))


def writer_of(incident):
    """(author, who owes it), by handle."""
    promise = incident.promises.open().get(kind=PromiseKind.POSTMORTEM)
    return Postmortem.objects.get(incident=incident).author.handle, promise.owner.handle


@pytest.mark.parametrize("owed_by", ["", "commander"])
def test_who_takes_command_of_what_is_resolved_writes_the_postmortem(resolved, jens, mira, owed_by):
    resolved.promises.filter(kind=PromiseKind.POSTMORTEM).update(owed_by=owed_by)

    hand_command(resolved, jens, mira, berlin("15:30"))

    assert writer_of(resolved) == ("mira", "mira")
    last = resolved.entries.latest("number")
    assert (last.kind, last.author) == (EntryKind.PROMISE, mira.user)
    assert last.text == "The postmortem is @mira’s to write, no longer @jens’s"


def test_what_a_role_owes_that_somebody_has_does_not_follow_the_command(resolved, jens, mira):
    assign_role(resolved, by=jens, now=berlin("15:25"), role="scribe", user=jens.user)
    resolved.promises.filter(kind=PromiseKind.POSTMORTEM).update(owed_by="scribe")

    hand_command(resolved, jens, mira, berlin("15:30"))
    assert writer_of(resolved) == ("jens", "jens")

    assign_role(resolved, by=jens, now=berlin("15:35"), role="scribe", user=mira.user)
    assert writer_of(resolved) == ("mira", "mira")


def test_who_has_begun_to_write_it_goes_on(resolved, jens, mira):
    write(Postmortem.objects.get(), jens)

    hand_command(resolved, jens, mira, berlin("15:30"))
    assert writer_of(resolved) == ("jens", "jens")

    fail_watch(resolved, by=mira, now=berlin("15:35"), reason="it is back")
    resolve_incident(resolved, by=mira, now=berlin("16:20"))
    assert writer_of(resolved) == ("jens", "jens")


def test_who_commands_when_it_is_resolved_again_writes_it(resolved, jens, mira):
    fail_watch(resolved, by=jens, now=berlin("15:30"), reason="it is back")
    hand_command(resolved, jens, mira, berlin("15:35"))

    resolve_incident(resolved, by=jens, now=berlin("16:20"))

    assert writer_of(resolved) == ("mira", "mira")
    assert resolved.entries.filter(text="The postmortem is @mira’s to write, no longer @jens’s").count() == 1


def test_the_record_of_real_actions_is_read(resolved):
    entries = entries_of(resolved)
    head = read_head(resolved, entries)

    assert head.duration == "14:15 → 15:20 CEST (65 min)"
    assert [(phase.minutes, phase.name) for phase in head.phases] == [
        (8, "undetected"),
        (6, "to find"),
        (15, "to mitigate"),
        (36, "watching"),
    ]
    assert [(line.when, line.text.partition(":")[0]) for line in timeline_lines(entries)] == [
        ("14:15 CEST", "Spike begins"),
        ("14:23 CEST", "@jens declared SEV2"),
        ("14:29 CEST", "Status"),
        ("14:44 CEST", "Bleeding stopped"),
        ("15:20 CEST", "Resolved"),
    ]


def test_publishing_after_the_close_keeps_the_promise(resolved, jens):
    close_incident(resolved, by=jens, now=berlin("15:50"), reason="quiet")
    postmortem = Postmortem.objects.get()
    write(postmortem, jens)

    publish_postmortem(postmortem, by=jens, now=berlin("17:00"))

    promise = resolved.promises.get(kind=PromiseKind.POSTMORTEM)
    assert (promise.kept_at, promise.broken_at) == (berlin("17:00"), None)
    assert "Closed" not in postmortem.sections.get(key=SectionKey.TIMELINE).body


def test_no_incident_owes_none(resolved, jens):
    close_as_no_incident(resolved, by=jens, now=berlin("15:30"))

    assert Postmortem.objects.get().status == PostmortemStatus.WITHDRAWN
    assert resolved.promises.open().count() == 0


def test_a_duplicate_owes_none(resolved, jens):
    other = declare_incident(by=jens, now=berlin("15:25"), level=resolved.level, summary="The same")

    merge_incident(resolved, by=jens, now=berlin("15:30"), into=other)

    assert Postmortem.objects.get().status == PostmortemStatus.WITHDRAWN
    assert resolved.promises.open().count() == 0
    with pytest.raises(WrongState, match="was closed as a duplicate; it owes no postmortem"):
        open_postmortem(resolved, by=jens, now=berlin("15:31"))


def test_what_was_never_resolved_and_was_none_has_no_postmortem_at_all(jens):
    level = level_of(make_ladder(jens.user), "SEV1")
    incident = declare_incident(by=jens, now=berlin("14:23"), level=level, summary="False alarm")
    close_as_no_incident(incident, by=jens, now=berlin("14:30"))

    assert (Postmortem.objects.count(), incident.promises.open().count()) == (0, 0)


def test_a_level_that_owes_none_opens_none(jens):
    level = level_of(make_ladder(jens.user), "SEV3")
    incident = declare_incident(by=jens, now=berlin("14:23"), level=level, summary="A report is late")
    resolve_incident(incident, by=jens, now=berlin("14:30"))

    assert Postmortem.objects.count() == 0


def test_a_watch_that_failed_makes_a_draft_of_it_and_the_next_resolution_a_new_date(resolved, jens):
    postmortem = Postmortem.objects.get()
    write(postmortem, jens)
    publish_postmortem(postmortem, by=jens, now=berlin("15:25"))

    fail_watch(resolved, by=jens, now=berlin("15:30"), reason="it is back")
    postmortem.refresh_from_db()
    assert (postmortem.status, postmortem.record) == (PostmortemStatus.DRAFT, {})

    resolve_incident(resolved, by=jens, now=berlin("16:20"))
    postmortem.refresh_from_db()
    assert postmortem.due_at == berlin("16:20", 20)
    publish_postmortem(postmortem, by=jens, now=berlin("16:30"))
    assert resolved.promises.open().filter(kind=PromiseKind.POSTMORTEM).count() == 0
    assert postmortem.sections.get(key=SectionKey.TIMELINE).body.endswith("- 16:20 CEST — Resolved")


def test_a_receiver_that_fails_undoes_no_resolution_and_the_draft_is_opened_by_hand(jens, monkeypatch, client):
    def fail(*_, **__):
        raise RuntimeError("the receiver fails")

    level = level_of(make_ladder(jens.user), "SEV2")
    incident = declare_incident(by=jens, now=berlin("14:23"), level=level, summary="Pipeline blocks spiking")
    monkeypatch.setattr("postmortems.receivers.open_postmortem", fail)

    resolve_incident(incident, by=jens, now=berlin("15:20"))

    incident.refresh_from_db()
    assert (incident.resolved_at, Postmortem.objects.count()) == (berlin("15:20"), 0)
    client.force_login(jens.user)
    client.post(f"/postmortems/{incident.reference}/open/")
    assert Postmortem.objects.get().due_at == berlin("15:20", 20)


def test_the_promise_may_also_come_without_a_duty(jens):
    level = level_of(make_ladder(jens.user), "SEV3")
    incident = declare_incident(by=jens, now=berlin("14:23"), level=level, summary="A report is late")
    make_promise(
        incident,
        by=jens,
        now=berlin("14:24"),
        kind=PromiseKind.POSTMORTEM,
        due_at=berlin("14:24") + timedelta(days=3),
        subject="Postmortem",
    )
    resolve_incident(incident, by=jens, now=berlin("14:30"))

    assert Postmortem.objects.get().due_at == berlin("14:24", 21)


def items_of(incident):
    rows = Postmortem.objects.get(incident=incident).action_items.order_by("number")
    return [(row.number, row.text, row.owner.handle, bool(row.done_at)) for row in rows]


def test_a_failure_that_was_new_is_an_action_item_once_there_is_a_postmortem(jens):
    ladder = make_ladder(jens.user)
    RunbookFactory(version=ladder, slug="database", name="The database fails")
    incident = declare_incident(by=jens, now=berlin("14:23"), level=level_of(ladder, "SEV2"), summary="It is slow")
    take_up_runbook(incident, by=jens, now=berlin("14:24"), runbook="database")
    note_new_failure(incident, by=jens, now=berlin("14:30"), runbook="database")
    assert not Postmortem.objects.exists()

    resolve_incident(incident, by=jens, now=berlin("15:20"))

    assert items_of(incident) == [(1, "Update the runbook: The database fails", "jens", False)]
    [promise] = incident.promises.undone().filter(kind=PromiseKind.ACTION_ITEM)
    assert (promise.subject_key, promise.link) == ("runbook:database", f"/postmortems/{incident.reference}/#action-1")
    assert promise.subject == "Action 1: Update the runbook: The database fails"


def test_without_a_runbook_one_is_to_be_written_and_done_in_the_room_is_done_here(resolved, jens):
    note_new_failure(resolved, by=jens, now=berlin("15:30"))
    note_new_failure(resolved, by=jens, now=berlin("15:31"))
    open_postmortem(resolved, by=jens, now=berlin("15:32"))
    assert items_of(resolved) == [(1, "Write a runbook for: Pipeline blocks spiking", "jens", False)]

    finish_runbook_update(resolved, by=jens, now=berlin("16:00"))

    assert items_of(resolved) == [(1, "Write a runbook for: Pipeline blocks spiking", "jens", True)]
    assert not resolved.promises.undone().filter(kind=PromiseKind.ACTION_ITEM).exists()


@pytest.mark.parametrize("ends", [finish_action_item, drop_action_item])
def test_ended_here_it_is_owed_in_the_room_no_more(resolved, jens, ends):
    note_new_failure(resolved, by=jens, now=berlin("15:30"))
    item = Postmortem.objects.get(incident=resolved).action_items.get()

    ends(item, by=jens, now=berlin("16:00"), **({"reason": "It is obvious."} if ends is drop_action_item else {}))

    assert not resolved.promises.undone().filter(kind=PromiseKind.ACTION_ITEM).exists()
    with pytest.raises(WrongState, match="Nothing is owed"):
        finish_runbook_update(resolved, by=jens, now=berlin("16:05"))
