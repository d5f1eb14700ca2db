"""Opened from the record, published, withdrawn, reopened."""

from datetime import timedelta

import pytest

from accounts.actor import MUSTER, Actor
from accounts.enums import TokenScope
from core.errors import NotAllowed, WrongState
from incidents.actions.promise import withdraw_promises
from incidents.enums import ClosedAs, IncidentStatus, PromiseKind
from incidents.models import Incident, TimelineEntry
from incidents.signals import incident_closed, incident_reopened, incident_resolved
from postmortems.actions.action_item import add_action_item
from postmortems.actions.postmortem import open_postmortem, publish_postmortem
from postmortems.actions.section import edit_section
from postmortems.enums import PostmortemStatus, SectionKey
from postmortems.models import Postmortem
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.incidents import IncidentFactory, RoleAssignmentFactory, level_of
from tests.postmortems.story import berlin


def write(postmortem: Postmortem, key: str, body: str, by: Actor) -> None:
    section = postmortem.sections.get(key=key)
    edit_section(section, by=by, now=berlin("16:00"), body=body, revision=section.revision)


@pytest.fixture
def complete(draft, jens):
    write(draft, SectionKey.SUMMARY, "A threshold regression blocked runs. We rolled it back.", jens)
    write(draft, SectionKey.ROOT_CAUSE, "The score scale changed, the threshold did not.", jens)
    return draft


def test_a_draft_has_every_section_of_the_document_its_author_and_its_moment(draft, jens):
    draft.refresh_from_db()

    assert [(section.heading, section.is_derived, section.body) for section in draft.sections.all()] == [
        ("Summary", False, ""),
        ("Impact", True, ""),
        ("Timeline", True, ""),
        ("Root cause", False, ""),
        ("What went well", False, ""),
        ("What went poorly", False, ""),
    ]
    assert (draft.status, draft.author, draft.due_at) == (PostmortemStatus.DRAFT, jens.user, berlin("15:20", 20))


def test_opening_it_twice_changes_nothing_but_follows_the_promise(draft, story, mira):
    story.promises.update(due_at=berlin("15:20", 21))

    again = open_postmortem(story, by=mira, now=berlin("17:00"))

    assert (again.pk, again.due_at, again.opened_at) == (draft.pk, berlin("15:20", 21), berlin("15:20"))
    assert (Postmortem.objects.count(), again.sections.count()) == (1, 6)


def test_without_a_commander_the_author_is_who_resolved_it(mira):
    incident = IncidentFactory(resolved=True, resolved_by=mira.user)

    assert open_postmortem(incident, by=MUSTER, now=berlin("16:00")).author == mira.user


def test_the_commander_of_now_writes_it_not_the_one_before(story, mira):
    RoleAssignmentFactory(incident=story, user=mira.user, began_at=berlin("14:50"))

    assert open_postmortem(story, by=MUSTER, now=berlin("16:00")).author == mira.user


def test_a_resolution_opens_it_where_the_level_owes_one_and_not_elsewhere(story):
    withdraw_promises(story, now=berlin("15:20"), kinds=tuple(PromiseKind), reason="none is written down")
    quiet = IncidentFactory(resolved=True, level=level_of(story.level.version, "SEV3"))
    for incident in (story, quiet):
        incident_resolved.send(sender=Incident, incident=incident, by=MUSTER, now=berlin("15:20"))

    assert list(Postmortem.objects.values_list("incident", flat=True)) == [story.pk]


def test_a_viewer_opens_none(story):
    with pytest.raises(NotAllowed, match="may read here but not act"):
        open_postmortem(story, by=Actor(UserFactory(viewer=True)), now=berlin("16:00"))
    assert Postmortem.objects.count() == 0


def test_a_private_incident_lends_its_audience(jens, mira):
    incident = IncidentFactory(resolved=True, audience=AudienceFactory(members=[jens.user]))

    postmortem = open_postmortem(incident, by=jens, now=berlin("16:00"))

    assert postmortem.audience == incident.audience
    assert list(Postmortem.objects.visible_to(jens.user)) == [postmortem]
    assert list(Postmortem.objects.visible_to(mira.user)) == []


def test_an_incident_that_becomes_private_takes_its_postmortem_along(draft, story, jens, mira):
    story.audience = AudienceFactory(members=[jens.user])
    story.save()

    assert list(Postmortem.objects.visible_to(jens.user)) == [draft]
    assert list(Postmortem.objects.visible_to(mira.user)) == []


def test_publishing_freezes_what_follows_the_record_and_keeps_the_promise(complete, story, jens):
    publish_postmortem(complete, by=jens, now=berlin("16:30"))

    complete.refresh_from_db()
    assert (complete.status, complete.published_at, complete.published_by) == (
        PostmortemStatus.PUBLISHED,
        berlin("16:30"),
        jens.user,
    )
    assert complete.record["duration"] == "14:15 → 15:20 CEST (65 min)"
    assert complete.sections.get(key=SectionKey.TIMELINE).body == (
        "- 14:15 CEST — Block rate spike begins (per Grafana)\n"
        "- 14:23 CEST — Declared SEV2\n"
        "- 14:24 CEST — @jens answered primary\n"
        "- 14:29 CEST — Identified\n"
        "- 14:34 CEST — Hotfix PR merged,\n"
        "    deploy to **prod** in flight"
    )
    promise = story.promises.get(kind=PromiseKind.POSTMORTEM)
    assert (promise.kept_at, promise.kept_by) == (berlin("16:30"), jens.user)
    assert TimelineEntry.objects.filter(incident=story).latest("number").text == "Postmortem published."


def test_publishing_twice_changes_nothing(complete, story, jens, mira):
    publish_postmortem(complete, by=jens, now=berlin("16:30"))
    entries = story.entries.count()

    again = publish_postmortem(complete, by=mira, now=berlin("17:30"))

    assert (again.published_at, again.published_by, story.entries.count()) == (berlin("16:30"), jens.user, entries)


def test_a_failure_while_keeping_the_promise_leaves_nothing_published(complete, story, jens, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("the second write fails")

    monkeypatch.setattr("postmortems.actions.postmortem.keep_promise", fail)
    with pytest.raises(RuntimeError):
        publish_postmortem(complete, by=jens, now=berlin("16:30"))

    complete.refresh_from_db()
    assert (complete.status, complete.record) == (PostmortemStatus.DRAFT, {})
    assert complete.sections.get(key=SectionKey.TIMELINE).body == ""
    assert story.promises.get().kept_at is None


def test_without_summary_and_root_cause_nothing_is_published(draft, jens):
    write(draft, SectionKey.SUMMARY, "A threshold regression blocked runs.", jens)

    with pytest.raises(WrongState) as refused:
        publish_postmortem(draft, by=jens, now=berlin("16:30"))

    assert str(refused.value) == "Write the root cause first, so that a new colleague would understand it."
    draft.refresh_from_db()
    assert draft.status == PostmortemStatus.DRAFT


def test_nothing_is_published_while_the_incident_goes_on(jens):
    incident = IncidentFactory()
    postmortem = open_postmortem(incident, by=jens, now=berlin("14:30"))
    write(postmortem, SectionKey.SUMMARY, "It broke.", jens)
    write(postmortem, SectionKey.ROOT_CAUSE, "A scale changed.", jens)

    with pytest.raises(WrongState) as refused:
        publish_postmortem(postmortem, by=jens, now=berlin("14:31"))
    assert str(refused.value) == f"{incident.reference} is not resolved yet; publish after that."


@pytest.mark.parametrize("by", ["viewer", "token", "muster"])
def test_who_may_not_write_may_not_publish(complete, jens, by):
    actors = {"viewer": Actor(UserFactory(viewer=True)), "token": Actor(jens.user, scope=TokenScope.READ)}
    with pytest.raises(NotAllowed):
        publish_postmortem(complete, by=actors.get(by, MUSTER), now=berlin("16:30"))
    complete.refresh_from_db()
    assert complete.status == PostmortemStatus.DRAFT


def test_no_incident_withdraws_the_draft_and_all_that_is_owed_for_it(complete, story, jens):
    item = add_action_item(
        complete, by=jens, now=berlin("16:00"), text="Test it", owner=jens.user, due_on=berlin("9:00", 25).date()
    )
    story.status, story.closed_at, story.closed_as = IncidentStatus.CLOSED, berlin("16:10"), ClosedAs.NOT_AN_INCIDENT
    story.save()

    incident_closed.send(sender=Incident, incident=story, by=jens, now=berlin("16:10"))

    complete.refresh_from_db()
    item.refresh_from_db()
    assert (complete.status, complete.withdrawn_at) == (PostmortemStatus.WITHDRAWN, berlin("16:10"))
    assert (item.dropped_at, item.dropped_reason) == (berlin("16:10"), "It was not an incident.")
    assert story.promises.open().count() == 0
    assert complete.sections.get(key=SectionKey.SUMMARY).body == (
        "A threshold regression blocked runs. We rolled it back."
    )
    with pytest.raises(WrongState, match="withdrawn because it was not an incident"):
        publish_postmortem(complete, by=jens, now=berlin("16:30"))
    with pytest.raises(WrongState, match="owes no postmortem"):
        open_postmortem(story, by=jens, now=berlin("16:30"))


def test_an_ordinary_close_withdraws_nothing(draft, story, jens):
    story.status, story.closed_at, story.closed_as = IncidentStatus.CLOSED, berlin("16:10"), ClosedAs.RESPONSE_OVER
    story.save()

    incident_closed.send(sender=Incident, incident=story, by=jens, now=berlin("16:10"))

    draft.refresh_from_db()
    assert (draft.status, story.promises.open().count()) == (PostmortemStatus.DRAFT, 1)


def test_a_resolution_that_did_not_hold_makes_a_draft_of_it_again(complete, story, jens):
    publish_postmortem(complete, by=jens, now=berlin("16:30"))

    incident_reopened.send(sender=Incident, incident=story, by=jens, now=berlin("16:40"))

    complete.refresh_from_db()
    assert (complete.status, complete.published_at, complete.record) == (PostmortemStatus.DRAFT, None, {})
    assert [section.follows_record for section in complete.sections.all()] == [False, True, True, False, False, False]
    assert complete.sections.get(key=SectionKey.ROOT_CAUSE).body == "The score scale changed, the threshold did not."


def test_after_it_failed_to_be_opened_the_next_one_opens_it(story, jens):
    assert not Postmortem.objects.exists()
    assert open_postmortem(story, by=jens, now=berlin("15:20") + timedelta(hours=3)).due_at == berlin("15:20", 20)
