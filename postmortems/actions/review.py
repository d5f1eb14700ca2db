"""Reviews: named people are asked to read a postmortem, and approve it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from comms.actions.message import queue_message
from comms.enums import MessageKind
from core.errors import InvalidInput
from incidents.permissions import check_may_be_told
from postmortems.actions.lock import lock_postmortem
from postmortems.enums import PostmortemStatus
from postmortems.models import Postmortem, Review
from postmortems.permissions import check_can_approve, check_can_write


@transaction.atomic
def ask_review(postmortem: Postmortem, *, by: Actor, now: datetime, reviewers: Sequence[User]) -> Postmortem:
    """Ask `reviewers` to read it; a draft is in review from then on.

    Each gets a notice. Asking somebody twice changes nothing. Raises NotAllowed, WrongState, or InvalidInput for
    nobody, for the author, for people who left, and for people who may not see a private incident.
    """
    postmortem = lock_postmortem(postmortem)
    check_can_write(by, postmortem)
    if not reviewers:
        raise InvalidInput("Name at least one person to review it.", field="reviewers")
    for reviewer in reviewers:
        if reviewer.pk == postmortem.author_id:
            raise InvalidInput(f"{reviewer} wrote it; name somebody else to review it.", field="reviewers")
        check_may_be_told(reviewer, postmortem.incident, field="reviewers")
    for reviewer in reviewers:
        review, new = Review.objects.get_or_create(
            postmortem=postmortem, reviewer=reviewer, defaults={"asked_at": now, "asked_by": by.user}
        )
        if new:
            tell(review, reviewer, now=now, words=f"{by} asks you to review the postmortem")
    postmortem.status = PostmortemStatus.IN_REVIEW
    postmortem.save(update_fields=["status"])
    return postmortem


@transaction.atomic
def approve_postmortem(postmortem: Postmortem, *, by: Actor, now: datetime, note: str = "") -> Postmortem:
    """`by`, who was asked, finds it good; the author gets a notice. A second approval changes nothing.

    Raises NotAllowed for anybody who was not asked, WrongState when it is not in review, InvalidInput for NUL.
    """
    postmortem = lock_postmortem(postmortem)
    check_can_approve(by, postmortem)
    if "\x00" in note:
        raise InvalidInput("The note holds a character that cannot be kept (NUL).", field="note")
    review = postmortem.reviews.select_related("reviewer").get(reviewer=by.user)
    if review.approved_at:
        return postmortem
    review.approved_at, review.note = now, note.strip()
    review.save(update_fields=["approved_at", "note"])
    if postmortem.author:
        tell(review, postmortem.author, now=now, words=f"{by} approved the postmortem")
    return postmortem


def tell(review: Review, person: User, *, now: datetime, words: str) -> None:
    """A quiet notice about `review` to `person`: level, summary and service first, then `words`."""
    incident = review.postmortem.incident
    queue_message(
        now=now,
        kind=MessageKind.NOTICE,
        subject=f"{incident.headline} · {words}",
        dedup_key=f"review:{review.pk}:{person.pk}:{now.isoformat()}",
        to=person,
        body=f"{words}.\n{review.note}".strip(),
        link=review.postmortem.get_absolute_url(),
        subject_key=incident.subject_key,
        audience=incident.audience,
    )
