"""Codes cannot be found by trying, and nobody who has one is shut out; “ok” to a test page confirms it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from accounts.models import User
from comms.enums import MessageKind, MessageStatus, Transport
from comms.models import Message, ReachProof
from escalation.enums import IncomingOutcome
from escalation.models import IncomingAnswer, Page
from tests.escalation.actions.words import LATER, NUMBER, SUBJECT, mail, named, text
from tests.escalation.story import MINUTE, start
from tests.factories import NOW
from tests.factories.comms import ContactPointFactory, ReachableUserFactory, ReachProofFactory
from tests.factories.escalation import make_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    user: User = ReachableUserFactory(handle="ana")
    ContactPointFactory(user=user, transport=Transport.SMS, address=NUMBER)
    return user


@pytest.fixture
def jens() -> User:
    return ReachableUserFactory(handle="jens")


@pytest.fixture
def page(ana: User, jens: User) -> Page:
    """Rings ana, then jens, then jens again; it began at NOW."""
    return named(start(policy=make_policy(ana, jens, jens)), "k7mabcde")


def try_codes(number: int, *, every: timedelta = timedelta(seconds=1), sender: str = NUMBER) -> list[str]:
    """What became of `number` texts with codes of no page, the first at LATER."""
    return [text("ack zzz", sender=sender, now=LATER + every * tried).outcome for tried in range(number)]


@pytest.fixture
def unproved(ana: User) -> User:
    """Ana, whose number was never verified."""
    ana.contact_points.filter(transport=Transport.SMS).update(verified_at=None)
    return ana


def test_after_ten_wrong_codes_a_sender_is_not_heard_for_an_hour_and_the_row_says_why(page, unproved):
    tried = try_codes(12)

    right, bare = text("ack k7m", now=LATER + MINUTE), text("ack", now=LATER + MINUTE)

    assert tried == [IncomingOutcome.WRONG_CODE] * 10 + [IncomingOutcome.IGNORED] * 2
    why = "10 wrong codes came from this address; until 13:24 UTC only a right one from a verified address counts."
    assert [(one.outcome, one.reply, one.reason) for one in (right, bare)] == [(IncomingOutcome.IGNORED, "", why)] * 2
    assert page.answers.count() == 0


def test_after_the_hour_it_is_heard_again(page, unproved):
    try_codes(10)
    tenth = LATER + timedelta(seconds=9)

    before = text("ack k7m", now=tenth + timedelta(minutes=59, seconds=59))
    after = text("ack k7m", now=tenth + timedelta(hours=1))

    assert (before.outcome, after.outcome) == (IncomingOutcome.IGNORED, IncomingOutcome.ANSWERED)


def test_nine_wrong_codes_or_ten_in_more_than_an_hour_shut_nobody_out(page, unproved):
    try_codes(9)
    assert text("ack k7m", now=LATER + MINUTE).outcome == IncomingOutcome.ANSWERED

    IncomingAnswer.objects.all().delete()
    assert set(try_codes(12, every=timedelta(minutes=7))) == {IncomingOutcome.WRONG_CODE}


def test_a_right_code_or_a_bare_word_from_a_verified_address_is_never_shut_out(page, ana):
    try_codes(11)

    wrong, right = text("ack zzz", now=LATER + MINUTE), text("no k7m", now=LATER + MINUTE)
    bare = text("hm", now=LATER + MINUTE)

    assert (wrong.outcome, wrong.reply) == (IncomingOutcome.IGNORED, "")
    assert (right.outcome, right.reply) == (IncomingOutcome.ANSWERED, f"You cannot come: {SUBJECT}. It rings on.")
    assert bare.outcome == IncomingOutcome.UNCLEAR


def test_the_tries_of_one_sender_shut_out_no_other(page, ana, jens):
    ContactPointFactory(user=ana, transport=Transport.VOICE, address="+4930123456", verified_at=None)
    try_codes(10, sender="+4930123456")

    assert text("ack k7m", sender="+4930123456", now=LATER + MINUTE).outcome == IncomingOutcome.IGNORED
    assert text("ack k7m", now=LATER + MINUTE).outcome == IncomingOutcome.ANSWERED


def test_mails_with_wrong_codes_are_no_longer_replied_to_and_the_right_one_of_its_person_still_answers(page, ana):
    for _ in range(10):
        mail("ack zzzzzzzz")
    told = Message.objects.filter(kind=MessageKind.NOTICE).count()

    ignored = [mail("ack zzzzzzzz"), mail("ack yyyyyyyy")]

    assert [one.outcome for one in ignored] == [IncomingOutcome.IGNORED] * 2
    assert (told, Message.objects.filter(kind=MessageKind.NOTICE).count()) == (10, 10)
    assert mail("ack").outcome == IncomingOutcome.ANSWERED


def test_a_mail_with_a_piece_of_a_code_learns_nothing_about_it_and_counts_as_no_try(page, unproved):
    outcomes = {mail(f"ack {code}", subject="x").outcome for code in ("k7m", *["zzz"] * 12)}

    assert outcomes == {IncomingOutcome.UNCLEAR}


# --- test pages ------------------------------------------------------------------------------------------------------
@pytest.fixture
def proof(ana: User) -> ReachProof:
    """A test page that has just been handed over to ana's phone by SMS."""
    point = ana.contact_points.get(transport=Transport.SMS)
    return ReachProofFactory(contact_point=point, sent_at=NOW, handed_over_at=NOW)


@pytest.mark.parametrize("words", ["OK", "yes, thanks", "👍"])
def test_ok_to_a_test_page_confirms_it_as_its_link_does(proof, unproved, words):
    answer = text(words)

    proof.refresh_from_db()
    assert (proof.confirmed_at, proof.contact_point.verified_at) == (LATER, LATER)
    assert (answer.outcome, answer.user, answer.reply) == (
        IncomingOutcome.CONFIRMED,
        unproved,
        f"Confirmed: SMS ({NUMBER}) reaches you.",
    )


def test_by_a_gateway_it_confirms_what_went_by_the_gateway(proof, ana):
    assert text("ok", key="gateway:m1").outcome == IncomingOutcome.UNCLEAR

    point = ContactPointFactory(user=ana, transport=Transport.GATEWAY, address=NUMBER)
    other = ReachProofFactory(contact_point=point, sent_at=NOW, handed_over_at=NOW)
    text("ok", key="gateway:m2")

    assert list(ReachProof.objects.exclude(confirmed_at=None)) == [other]


@pytest.mark.parametrize("words", ["no", "15", "ok k7m", "who is this?"])
def test_another_word_confirms_no_test_page(proof, words):
    text(words)

    assert ReachProof.objects.get().confirmed_at is None


@pytest.mark.parametrize(
    ("changes", "at"),
    [({"handed_over_at": None}, LATER), ({}, NOW + timedelta(days=1)), ({"confirmed_at": NOW}, LATER)],
)
def test_a_test_page_that_has_not_left_or_is_over_is_not_meant(proof, changes, at):
    ReachProof.objects.update(**changes)

    assert text("ok", now=at).reply == "No page rings you now; nothing was changed."
    assert ReachProof.objects.get().confirmed_at == changes.get("confirmed_at")


def test_the_word_of_somebody_else_confirms_nothing(proof, jens):
    ContactPointFactory(user=jens, transport=Transport.SMS, address="+4930123456")

    text("ok", sender="+4930123456")

    assert ReachProof.objects.get().confirmed_at is None


def test_a_page_that_rang_after_the_test_is_what_ok_answers(proof, page, ana):
    Message.objects.filter(user=ana).update(status=MessageStatus.SENT, sent_at=NOW)

    assert text("ok").outcome == IncomingOutcome.ANSWERED
    assert (page.answers.count(), ReachProof.objects.get().confirmed_at) == (1, None)


def test_with_a_test_that_came_after_the_page_ok_answers_neither_and_is_asked_for_the_code(proof, page, ana):
    Message.objects.filter(user=ana).update(status=MessageStatus.SENT, sent_at=NOW - MINUTE)

    answer = text("ok")

    assert (answer.outcome, answer.reply) == (
        IncomingOutcome.UNCLEAR,
        "A page rings you, and a test page came after it; nothing was changed. Reply ACK or NO with a code:\n"
        f"K7M {SUBJECT}",
    )
    assert (page.answers.count(), ReachProof.objects.get().confirmed_at) == (0, None)
    assert text("ok k7m").outcome == IncomingOutcome.ANSWERED


def test_if_the_answer_cannot_be_kept_the_test_page_is_not_confirmed(proof):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE escalation_incominganswer ADD CONSTRAINT broken CHECK (outcome <> 'confirmed')")

    with pytest.raises(DatabaseError, match="broken"):
        text("ok")

    assert (ReachProof.objects.get().confirmed_at, IncomingAnswer.objects.get().outcome) == (None, "waiting")
