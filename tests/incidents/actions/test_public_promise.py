"""What the public is owed after a word: the next one, by the moment that it was told, until it is over."""

from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from core.errors import Conflict, InvalidInput
from escalation.models import Page
from incidents.actions.audience import make_private
from incidents.actions.declare import declare_incident
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.public_word import ready_words, set_public_state, tell_public
from incidents.actions.role import assign_role
from incidents.actions.severity import change_level, settle_due_changes
from incidents.actions.status import fail_watch, resolve_incident
from incidents.actions.status_update import post_no_change, post_status_update
from incidents.enums import PromiseKind
from incidents.export.brief import handover_brief
from incidents.models import Incident, LadderVersion, Level, Promise
from incidents.queries.handover import brief_of
from incidents.queries.me import owed_of
from tests.factories.escalation import PolicyFactory
from tests.factories.incidents import DutyFactory, LevelFactory, level_of
from tests.incidents.actions.conftest import open_promises, public_level, texts

PUBLIC = PromiseKind.PUBLIC_UPDATE
SAID = {"impact": "Nobody can sign in", "action": "Failing over"}


def after(now: datetime, minutes: int) -> datetime:
    return now + timedelta(minutes=minutes)


def public_promises(incident: Incident) -> list[Promise]:
    return list(incident.promises.filter(kind=PUBLIC).order_by("pk"))


def raised(incident: Incident, level: Level, *, by: Actor, now: datetime) -> Incident:
    """At `level`, and its ten seconds are over."""
    change_level(incident, by=by, now=now, level=level)
    settle_due_changes(now=now + timedelta(seconds=10))
    incident.refresh_from_db()
    return incident


@pytest.mark.parametrize("sooner", [0, 5])
def test_an_update_told_to_the_public_owes_it_the_next_one_by_the_moment_that_it_prints(
    outage: Incident, ana: Actor, now: datetime, sooner: int
) -> None:
    next_by = after(now, sooner) if sooner else None
    update = post_status_update(outage, by=ana, now=now, tell_public=True, next_by=next_by, **SAID)

    first, second = public_promises(outage)
    assert (first.kept_at, second.kept_at) == (now, None)
    assert second.due_at == update.next_by == (next_by or after(now, 15))
    assert f"Next update by {second.due_at:%H:%M} UTC." in update.public_text
    assert (second.owed_by, second.subject) == ("comms", "Public update")


def test_a_word_to_the_public_alone_keeps_the_moment_that_it_prints(
    outage: Incident, ana: Actor, now: datetime
) -> None:
    """The last moment told while it is to come; then by the level's rhythm."""
    post_status_update(outage, by=ana, now=now, **SAID)
    for minutes, due in ((2, 15), (16, 31)):
        tell_public(outage, by=ana, now=after(now, minutes))
        word = outage.status_updates.latest("pk")
        assert word.next_by == open_promises(outage)[PUBLIC] == after(now, due)
        assert word.public_text.splitlines()[1] == "Nobody can sign in"
        assert word.public_text.endswith(f"\nNext update by {after(now, due):%H:%M} UTC.")


@pytest.mark.parametrize("inside", ["", "best effort"])
def test_a_level_without_updates_inside_has_the_rhythm_of_its_public_duty(
    ladder: LadderVersion, ana: Actor, now: datetime, inside: str
) -> None:
    level = LevelFactory(version=ladder, name="P0", rank=0)
    if inside:
        DutyFactory(level=level, kind=PromiseKind.STATUS_UPDATE, within=inside)
    DutyFactory(level=level, kind=PUBLIC, within="10 min")
    incident = declare_incident(by=ana, now=now, level=level, summary="Everything is down")

    update = post_status_update(incident, by=ana, now=after(now, 1), tell_public=True, **SAID)

    assert update.next_by == after(now, 11)
    assert open_promises(incident)[PUBLIC] == after(now, 11)
    before = texts(incident)
    with pytest.raises(InvalidInput, match=r"owes the public the next word by 12:35 UTC at the latest") as refused:
        post_status_update(incident, by=ana, now=after(now, 2), tell_public=True, next_by=after(now, 30), **SAID)
    assert (refused.value.field, texts(incident)) == ("next_by", before)


def test_a_level_that_owes_the_public_nothing_promises_it_nothing(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    tell_public(incident, by=ana, now=now, text="We know.")

    assert incident.status_updates.get().next_by is None
    assert public_promises(incident) == []


@pytest.mark.parametrize(
    ("printed", "pressed", "why"), [(10, 12, "12:33 UTC, which is past"), (40, 1, "13:03 UTC, which is too late")]
)
def test_words_whose_moment_cannot_be_kept_are_not_said(
    outage: Incident, ana: Actor, now: datetime, printed: int, pressed: int, why: str
) -> None:
    with pytest.raises(Conflict, match=why):
        tell_public(outage, by=ana, now=after(now, pressed), text="We know.", next_by=after(now, printed))

    assert (outage.status_updates.count(), texts(outage)) == (0, texts(outage))
    tell_public(outage, by=ana, now=after(now, pressed), text="We know.", next_by=after(now, pressed + 3))
    assert open_promises(outage)[PUBLIC] == after(now, pressed + 3)


def test_words_to_the_public_alone_do_not_blank_out_those_of_the_last_update(
    outage: Incident, ana: Actor, now: datetime
) -> None:
    post_status_update(outage, by=ana, now=now, **SAID)
    tell_public(outage, by=ana, now=after(now, 1), text="We know of it.")
    post_no_change(outage, by=ana, now=after(now, 2))

    outage.refresh_from_db()
    words = "Investigating.\nNobody can sign in\nFailing over\nNext update by 12:40 UTC."
    assert ready_words(outage, now=after(now, 3)) == words
    assert brief_of(outage).last_update == outage.status_updates.latest("pk")
    tell_public(outage, by=ana, now=after(now, 4))
    assert brief_of(outage).last_update.is_no_change


def test_no_change_reaches_the_public_that_was_told_before(
    outage: Incident, ana: Actor, now: datetime, heard: list[str]
) -> None:
    post_status_update(outage, by=ana, now=now, **SAID)
    post_no_change(outage, by=ana, now=after(now, 1))
    assert heard == []
    tell_public(outage, by=ana, now=after(now, 2))

    update = post_no_change(outage, by=ana, now=after(now, 10))

    words = "Investigating.\nNobody can sign in\nNext update by 12:48 UTC."
    assert (heard[1:], update.public_text) == ([words], words)
    assert open_promises(outage)[PUBLIC] == update.next_by == after(now, 25)


def test_no_change_tells_the_public_nothing_that_it_has_not_read(
    outage: Incident, ana: Actor, now: datetime, heard: list[str]
) -> None:
    post_status_update(outage, by=ana, now=now, tell_public=True, public_text="We know.", **SAID)
    post_no_change(outage, by=ana, now=after(now, 1))
    post_status_update(outage, by=ana, now=after(now, 2), tell_public=True, **SAID)
    post_status_update(outage, by=ana, now=after(now, 3), text="A key was lost", cause="Bob", impact=SAID["impact"])
    post_no_change(outage, by=ana, now=after(now, 4))

    assert heard[1] == "Investigating.\nNext update by 12:39 UTC."
    assert heard[3] == "Investigating.\nNobody can sign in\nNext update by 12:42 UTC."


@pytest.mark.parametrize("fate", ["private", "over for the public", "not owed"])
def test_no_change_stays_inside(outage: Incident, ana: Actor, now: datetime, heard: list[str], fate: str) -> None:
    post_status_update(outage, by=ana, now=now, tell_public=True, **SAID)
    if fate == "private":
        make_private(outage, by=ana, now=now, reason="a breach")
    elif fate == "over for the public":
        set_public_state(outage, now=now, state="resolved")
    else:
        lower = level_of(outage.level.version, "SEV2")
        change_level(outage, by=ana, now=now, level=lower, reason="only some")
    outage.refresh_from_db()

    update = post_no_change(outage, by=ana, now=after(now, 5))

    assert (len(heard), update.public_text, update.is_no_change) == (1, "", True)


def test_no_change_of_a_drill_is_never_public(
    ladder: LadderVersion, ana: Actor, now: datetime, heard: list[str]
) -> None:
    drill = declare_incident(by=ana, now=now, level=public_level(ladder), summary="For practice", is_drill=True)
    Incident.objects.filter(pk=drill.pk).update(public_state="investigating", public_told_at=now)
    post_status_update(drill, by=ana, now=now, **SAID)
    drill.refresh_from_db()

    post_no_change(drill, by=ana, now=after(now, 5))

    assert (heard, public_promises(drill)) == ([], [])


def test_a_raise_counts_the_first_word_anew_and_tightens_the_next_one(
    ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    level = public_level(ladder)
    untold, told = (
        declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary=f"Number {place}") for place in "12"
    )
    tell_public(told, by=ana, now=now, text="We know.")

    for each in (untold, told):
        raised(each, level, by=ana, now=now)

    at = now + timedelta(seconds=10)
    assert [open_promises(each)[PUBLIC] for each in (untold, told)] == [after(at, 5), after(at, 15)]
    assert [open_promises(each)[PromiseKind.EXECUTIVE_BRIEF] for each in (untold, told)] == [after(at, 30)] * 2


def slow_level(ladder: LadderVersion) -> Level:
    """A lower level that owes the public a word every hour."""
    level = LevelFactory(version=ladder, name="P9", rank=9, is_public=True)
    DutyFactory(level=level, kind=PromiseKind.STATUS_UPDATE, within="1 h")
    DutyFactory(level=level, kind=PUBLIC, within="1 h", owed_by="scribe")
    return level


@pytest.mark.parametrize(("minutes", "due"), [(10, 25), (50, 60)])
def test_a_raise_never_gives_the_public_more_time(
    ladder: LadderVersion, ana: Actor, now: datetime, minutes: int, due: int
) -> None:
    incident = declare_incident(by=ana, now=now, level=slow_level(ladder), summary="Slow")
    tell_public(incident, by=ana, now=now)
    assert open_promises(incident)[PUBLIC] == after(now, 60)

    raised(incident, public_level(ladder), by=ana, now=after(now, minutes) - timedelta(seconds=10))

    assert open_promises(incident)[PUBLIC] == after(now, due)
    assert public_promises(incident)[-1].owed_by == "comms"


def test_a_lowering_keeps_what_the_public_was_promised(
    outage: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    tell_public(outage, by=ana, now=now)
    lower = slow_level(ladder)

    change_level(outage, by=ana, now=after(now, 5), level=lower, reason="only some")

    assert open_promises(outage)[PUBLIC] == after(now, 15)
    assert public_promises(outage)[-1].owed_by == "scribe"


def test_a_lowering_to_a_level_that_owes_the_public_nothing_withdraws_it(
    outage: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    tell_public(outage, by=ana, now=now)

    change_level(outage, by=ana, now=after(now, 16), level=level_of(ladder, "SEV2"), reason="only some")

    assert PUBLIC not in open_promises(outage)
    assert public_promises(outage)[-1].withdrawn_reason == "the level became SEV2"


@pytest.mark.parametrize(("before", "after_it", "due"), [(0, 1, 15), (1, 0, 60)], ids=["lowered", "raised"])
def test_a_word_that_is_late_stays_late_whatever_the_level(
    ladder: LadderVersion, ana: Actor, now: datetime, before: int, after_it: int, due: int
) -> None:
    levels = [public_level(ladder), slow_level(ladder)]
    incident = declare_incident(by=ana, now=now, level=levels[before], summary="Everything is down")
    tell_public(incident, by=ana, now=now)
    sweep_promises(now=after(now, due))

    change_level(incident, by=ana, now=after(now, due), level=levels[after_it], reason="looked again")
    settle_due_changes(now=after(now, due + 1))

    late = public_promises(incident)[-1]
    assert (late.due_at, late.broken_at, late.withdrawn_at) == (after(now, due), after(now, due), None)


def test_the_next_word_is_reminded_and_rung_for_as_the_first_was(
    ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    policy = PolicyFactory(slug="press-office")
    level = LevelFactory(version=ladder, name="P0", rank=0)
    DutyFactory(
        level=level,
        kind=PUBLIC,
        within="10 min",
        remind_before="2 min",
        escalate_policy=policy.slug,
        escalate_after="5 min",
    )
    incident = declare_incident(by=ana, now=now, level=level, summary="Everything is down")
    tell_public(incident, by=ana, now=now)
    for minutes in (8, 10, 15):
        sweep_promises(now=after(now, minutes))

    late = public_promises(incident)[-1]
    assert (late.stage, late.broken_at) == ("escalated", after(now, 10))
    assert "**Broken promise:** Public update was due at 12:33 UTC" in texts(incident)
    assert [page.group for page in Page.objects.filter(policy=policy)] == [f"{policy.name}: public update is late"]


def test_whoever_speaks_for_it_reads_the_next_word_wherever_it_is_owed(
    outage: Incident, ana: Actor, now: datetime
) -> None:
    assign_role(outage, by=ana, now=now, role="comms", user=ana.user)
    tell_public(outage, by=ana, now=after(now, 1))

    mine = [(each.row.what, each.row.due_at, each.row.verb) for each in owed_of(ana.user, after(now, 2))]
    assert ("Public update", after(now, 16), "Tell the public") in mine
    assert "Public update, by 12:39 UTC" in handover_brief(brief_of(outage), now=after(now, 2), zone=ana.user.zone)


def test_what_the_public_is_owed_ends_with_the_resolution_and_begins_again_when_it_is_back(
    outage: Incident, ana: Actor, now: datetime
) -> None:
    tell_public(outage, by=ana, now=now)
    resolve_incident(outage, by=ana, now=after(now, 5))
    assert open_promises(outage) == {}
    outage.refresh_from_db()
    assert ready_words(outage, now=after(now, 6)) == "This is resolved.\nIt lasted 5 min."
    tell_public(outage, by=ana, now=after(now, 6))
    assert (open_promises(outage), outage.status_updates.latest("pk").next_by) == ({}, None)

    fail_watch(outage, by=ana, now=after(now, 20), reason="it is back")

    assert open_promises(outage)[PUBLIC] == after(now, 35)
