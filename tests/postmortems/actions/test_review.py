"""Named people are asked, and approve."""

import pytest

from accounts.actor import Actor
from accounts.enums import TokenScope
from comms.models import Message
from core.errors import InvalidInput, NotAllowed, WrongState
from postmortems.actions.review import approve_postmortem, ask_review
from postmortems.enums import PostmortemStatus
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.postmortems.story import berlin


def test_asking_puts_it_in_review_and_tells_each_reviewer_once(draft, jens):
    ana = ReachableUserFactory(handle="ana")
    ask_review(draft, by=jens, now=berlin("16:00"), reviewers=[ana])
    ask_review(draft, by=jens, now=berlin("16:05"), reviewers=[ana])

    draft.refresh_from_db()
    assert draft.status == PostmortemStatus.IN_REVIEW
    assert [(review.reviewer, review.asked_at, review.approved_at) for review in draft.reviews.all()] == [
        (ana, berlin("16:00"), None)
    ]
    assert list(Message.objects.values_list("user__handle", "subject")) == [
        ("ana", "[SEV2] Pipeline blocks spiking · @jens asks you to review the postmortem")
    ]


def test_a_viewer_who_was_asked_approves_once(draft, jens):
    ana = Actor(UserFactory(handle="ana", viewer=True))
    ask_review(draft, by=jens, now=berlin("16:00"), reviewers=[ana.user])

    approve_postmortem(draft, by=ana, now=berlin("16:20"), note="Clear. ")
    approve_postmortem(draft, by=ana, now=berlin("16:30"), note="Again")

    review = draft.reviews.get()
    assert (review.approved_at, review.note) == (berlin("16:20"), "Clear.")
    assert Message.objects.filter(user=jens.user).count() == 1


def test_who_was_not_asked_does_not_approve(draft, jens, mira):
    ask_review(draft, by=jens, now=berlin("16:00"), reviewers=[UserFactory()])

    with pytest.raises(NotAllowed, match="@mira was not asked to review this postmortem"):
        approve_postmortem(draft, by=mira, now=berlin("16:20"))
    with pytest.raises(NotAllowed):
        approve_postmortem(draft, by=Actor(jens.user, scope=TokenScope.READ), now=berlin("16:20"))
    assert draft.reviews.get().approved_at is None


def test_bad_reviewers_are_refused_and_nobody_is_asked(draft, jens, mira):
    gone = UserFactory(handle="gone", is_active=False)
    for reviewers, sentence in (
        ([], "Name at least one person to review it."),
        ([mira.user, jens.user], "@jens wrote it; name somebody else to review it."),
        ([mira.user, gone], "@gone is no longer here."),
    ):
        with pytest.raises(InvalidInput) as refused:
            ask_review(draft, by=jens, now=berlin("16:00"), reviewers=reviewers)
        assert (str(refused.value), refused.value.field) == (sentence, "reviewers")
    draft.refresh_from_db()
    assert (draft.reviews.count(), draft.status, Message.objects.count()) == (0, PostmortemStatus.DRAFT, 0)


def test_nobody_is_told_of_a_private_incident_by_being_named(draft, story, jens, mira):
    story.audience = AudienceFactory(members=[jens.user])
    story.save()

    with pytest.raises(InvalidInput, match="@mira may not see this private incident; let them in first"):
        ask_review(draft, by=jens, now=berlin("16:00"), reviewers=[mira.user])
    assert (draft.reviews.count(), Message.objects.count()) == (0, 0)


def test_a_failure_while_telling_asks_nobody(draft, jens, mira, monkeypatch):
    def fail(**_):
        raise RuntimeError("the second write fails")

    monkeypatch.setattr("postmortems.actions.review.queue_message", fail)
    with pytest.raises(RuntimeError):
        ask_review(draft, by=jens, now=berlin("16:00"), reviewers=[mira.user])
    draft.refresh_from_db()
    assert (draft.reviews.count(), draft.status) == (0, PostmortemStatus.DRAFT)


def test_a_draft_is_not_approved(draft, mira, jens):
    ask_review(draft, by=jens, now=berlin("16:00"), reviewers=[mira.user])
    draft.refresh_from_db()
    draft.status = PostmortemStatus.DRAFT
    draft.save()

    with pytest.raises(WrongState, match="not in review"):
        approve_postmortem(draft, by=mira, now=berlin("16:20"))
