"""Words from outside answer exactly the page that they mean, and otherwise nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.dispatch import receiver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import Via
from accounts.models import User
from comms.actions.message import strip_messages
from comms.enums import MessageKind, Transport
from comms.intake.text import IncomingText
from comms.models import Message
from escalation.actions import incoming
from escalation.actions.incoming import ignore_text
from escalation.enums import AnswerKind, IncomingOutcome, PageStatus
from escalation.intake.reply import PHRASES
from escalation.models import IncomingAnswer, Page, PageAnswer
from escalation.queries.incoming import free_refs
from escalation.signals import ownership_asked
from tests.escalation.actions.words import LATER, NUMBER, SUBJECT, mail, named, text
from tests.escalation.story import MINUTE, rung, start
from tests.factories import NOW
from tests.factories.accounts import AudienceFactory
from tests.factories.comms import ContactPointFactory, ReachableUserFactory
from tests.factories.escalation import PageFactory, make_policy

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


def test_a_bare_ack_answers_the_one_page_that_rings(page, ana):
    answer = text("Ack")

    page.refresh_from_db()
    assert (page.status, page.acknowledged_by) == (PageStatus.ACKNOWLEDGED, ana)
    assert [(one.user, one.kind, one.via) for one in page.answers.all()] == [(ana, "acknowledged", Via.SMS)]
    assert (answer.outcome, answer.user, answer.page, answer.meaning) == ("answered", ana, page, "on it")
    assert answer.reply == f"You have it: {SUBJECT}."


def test_an_arrival_is_kept_and_a_late_one_rings_the_next_person_too(page, jens):
    reply = text("in 30").reply

    page.refresh_from_db()
    assert page.answers.get().arrives_at == LATER + timedelta(minutes=30)
    assert rung(page)[-1] == (1, jens)
    assert reply == f"You have it: {SUBJECT}. You will be there at 12:54 UTC. The next person is told as well."


def test_a_reply_that_lists_pages_is_known_to_be_about_each(page, ana):
    start(people=[ana], subject="[SEV1] Login down", subject_key="incident:INC-2")
    start(people=[ReachableUserFactory()], subject="Rings others", subject_key="incident:INC-3")

    text("ok", by_message=True)

    said = Message.objects.get(dedup_key__startswith="incoming:")
    assert (said.subject_key, said.facts) == ("", {"about": ["incident:INC-1", "incident:INC-2"]})


def test_no_rings_the_next_person_now(page, ana, jens):
    answer = text("no k7m")

    assert [(one.user, one.kind) for one in page.answers.all()] == [(ana, AnswerKind.DECLINED)]
    assert rung(page) == [(0, ana), (1, jens)]
    assert answer.reply == f"You cannot come: {SUBJECT}. It rings on."


def test_of_several_pages_a_bare_ack_answers_none_and_is_told_their_codes(page, ana):
    other = named(start(people=[ana], subject="[SEV1] Login down", subject_key="incident:INC-2"), "m3pqqqqq")

    answer = text("ok")

    assert answer.outcome == IncomingOutcome.UNCLEAR
    assert answer.reply == (
        f"2 pages ring you; nothing was changed. Reply ACK or NO with a code:\nK7M {SUBJECT}\nM3P [SEV1] Login down"
    )
    assert PageAnswer.objects.count() == 0
    assert text("ok m3p").page == other
    assert text("ok").page == page


def test_a_list_says_of_a_private_page_no_more_than_its_level(page, ana):
    secret = start(people=[ana], subject="[SEV1] Keys leaked", audience=AudienceFactory(members=[ana]))
    named(secret, "m3pqqqqq")

    assert text("ok").reply.endswith(f"K7M {SUBJECT}\nM3P [SEV2] private")


def test_a_code_that_is_none_answers_nothing(page):
    answer = text("ack zzz")

    assert answer.reply == (
        f"No page that rang you has the code ZZZ; nothing was changed. Reply ACK or NO with a code:\nK7M {SUBJECT}"
    )
    assert page.answers.count() == 0


def test_a_code_that_two_pages_share_asks_for_the_whole(page, ana):
    named(start(people=[ana], subject="[SEV1] Login down"), "k7mzzzzz")

    assert text("ack k7m").reply.endswith(f"K7MABCDE {SUBJECT}\nK7MZZZZZ [SEV1] Login down")
    assert text("ack k7mzz").outcome == "answered"
    assert page.answers.count() == 0


def test_with_no_page_ringing_it_says_so(ana):
    assert text("ack").reply == "No page rings you now; nothing was changed."


def test_a_bare_word_says_again_what_was_answered_and_sooner(page, ana):
    text("30")

    again = text("ack", now=LATER + MINUTE)

    assert again.reply == f"You have it: {SUBJECT}."
    assert page.answers.get().arrives_at is None


def test_a_bare_no_takes_nothing_back_and_is_told_by_which_code_it_would(page, ana, jens):
    text("ack")

    bare = text("no")

    assert bare.reply == f"No page rings you now; nothing was changed. Reply ACK or NO with a code:\nK7M {SUBJECT}"
    assert rung(page) == [(0, ana)]
    assert text("no k7m").outcome == "answered"
    assert rung(page) == [(0, ana), (1, jens)]


def test_of_several_that_were_answered_a_bare_word_means_none(page, ana):
    named(start(people=[ana], subject="[SEV1] Login down", subject_key="incident:INC-2"), "m3pqqqqq")
    text("ack k7m")
    text("ack m3p")

    assert text("ack").reply == (
        "No page rings you now; nothing was changed. Reply ACK or NO with a code:\n"
        f"K7M {SUBJECT}\nM3P [SEV1] Login down"
    )


def test_a_page_that_was_stopped_says_why(page):
    Page.objects.update(status=PageStatus.STOPPED, wake_at=None, stopped_at=NOW, stop_reason="resolved")

    answer = text("ack k7m")

    assert (answer.outcome, answer.reply) == (
        IncomingOutcome.REFUSED,
        "This page was stopped (resolved); nothing was changed.",
    )


def test_a_code_ends_with_the_day_of_its_page(page):
    assert text("ack k7m", now=NOW + timedelta(hours=24)).outcome == IncomingOutcome.WRONG_CODE
    assert page.answers.count() == 0


def test_what_cannot_be_understood_is_kept_and_asked_again(page):
    answer = text("who is this?")

    assert (answer.text, answer.outcome, answer.meaning) == ("who is this?", IncomingOutcome.UNCLEAR, "")
    assert answer.reply.startswith("That was not understood; nothing was changed. Reply ACK, NO, or the minutes")
    assert page.answers.count() == 0


def test_a_number_of_nobody_answers_nothing_and_is_kept(page):
    answer = text("ack k7m", sender="+15005550006")

    assert (answer.outcome, answer.user, answer.sender) == (IncomingOutcome.UNKNOWN, None, "+15005550006")
    assert page.answers.count() == 0


def test_a_page_that_rang_somebody_else_is_not_answered(page, jens):
    ContactPointFactory(user=jens, transport=Transport.VOICE, address="+4930123456")

    assert text("ack", sender="+4930123456").reply == "No page rings you now; nothing was changed."
    assert text("ack k7m", sender="+4930123456").outcome == IncomingOutcome.WRONG_CODE
    assert page.answers.count() == 0


def test_whoever_proved_the_number_is_meant_when_two_claim_it(page, ana, jens):
    ContactPointFactory(user=jens, transport=Transport.SMS, address=NUMBER, verified_at=None)
    start(people=[jens], subject_key="incident:INC-2")

    assert text("ack").page == page


def test_a_number_that_was_switched_off_is_nobody_s(page, ana):
    ana.contact_points.filter(transport=Transport.SMS).update(is_enabled=False)

    assert text("ack").outcome == IncomingOutcome.UNKNOWN


def test_the_same_text_again_changes_nothing_and_says_the_same(page, ana):
    first = text("no", key="twilio:SM1")
    second = text("no", key="twilio:SM1", now=LATER + MINUTE)

    assert (first.pk, first.reply) == (second.pk, second.reply)
    assert IncomingAnswer.objects.count() == 1
    assert len(rung(page)) == 2


def test_whoever_answers_is_told_what_the_app_above_says_that_they_own(page, ana):
    def owned(page: Page, user: User, **_: Any) -> str:
        return f"{user} commands {page.group}."

    def broken(**_: Any) -> str:
        raise ValueError

    kept = [receiver(ownership_asked, sender=Page)(function) for function in (broken, owned)]
    try:
        assert text("ack").reply == f"You have it: {SUBJECT}. @ana commands platform primary."
    finally:
        for function in kept:
            ownership_asked.disconnect(function, sender=Page)


def test_by_message_the_reply_is_queued_for_the_person_too(page, ana):
    text("ack", key="gateway:m1", by_message=True)

    told = Message.objects.get(kind=MessageKind.NOTICE)
    assert (told.transport, told.address) == (Transport.GATEWAY, NUMBER)
    assert (told.subject, told.body) == (SUBJECT, f"You have it: {SUBJECT}.")


def test_a_wish_for_no_more_texts_answers_nothing(page, ana):
    answer = ignore_text(IncomingText("twilio:SM9", NUMBER, "stop"), now=LATER)

    assert (answer.outcome, answer.reply, page.answers.count()) == (IncomingOutcome.IGNORED, "", 0)
    assert answer.reason == "Its sender asks for no more of them, and the provider has answered."


def test_of_what_is_discreet_no_words_are_texted_back(page):
    strip_messages(now=NOW, subject_key=page.subject_key)

    assert text("ack").reply == "You have it: [SEV2] something private."


# --- mail ------------------------------------------------------------------------------------------------------------
def test_a_reply_to_the_mail_of_a_page_answers_it(page, ana):
    answer = mail("ack\n\n> You are rung for platform primary")

    assert (answer.outcome, answer.page, answer.meaning) == ("answered", page, "on it K7MABCDE")
    assert [(one.user, one.via) for one in page.answers.all()] == [(ana, Via.EMAIL)]
    told = Message.objects.get(kind=MessageKind.NOTICE)
    assert (told.transport, told.address, told.body) == (Transport.EMAIL, "ana@example.org", answer.reply)


def test_the_code_may_stand_in_the_first_line_and_wins_there(page):
    assert mail("no k7mabcde", subject="hello").outcome == "answered"
    assert mail("ack zzzzzzzz").outcome == IncomingOutcome.WRONG_CODE


@pytest.mark.parametrize("words", ["ack", "ack k7m", "15"])
def test_without_the_whole_code_a_mail_answers_nothing_because_anybody_can_forge_its_sender(page, words):
    answer = mail(words, subject="Re: Pipeline")

    assert answer.outcome == IncomingOutcome.UNCLEAR
    assert answer.reply.startswith("Nothing was changed. A mail answers a page with ACK, NO or minutes")
    assert page.answers.count() == 0


def test_the_code_in_another_s_mail_answers_nothing(page, jens):
    assert mail("ack", sender="jens@example.org").outcome == IncomingOutcome.WRONG_CODE
    assert mail("ack", sender="mallory@example.org").outcome == IncomingOutcome.UNKNOWN
    assert page.answers.count() == 0


def test_an_autoreply_is_kept_and_answers_nothing(page):
    answer = mail("ack", is_automatic=True)

    assert (answer.outcome, answer.text, page.answers.count()) == (IncomingOutcome.IGNORED, "ack", 0)
    assert answer.reason == "A machine wrote it."
    assert Message.objects.filter(kind=MessageKind.NOTICE).count() == 0


# --- kept whatever happens -------------------------------------------------------------------------------------------
def test_what_fails_while_it_is_read_stays_and_is_read_when_it_comes_again(page, ana, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(incoming, "_told_yes", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            text("ack", key="twilio:SM1")
    assert (IncomingAnswer.objects.get().outcome, page.answers.count()) == (IncomingOutcome.WAITING, 0)

    assert text("ack", key="twilio:SM1").outcome == "answered"
    assert (IncomingAnswer.objects.get().page, page.answers.count()) == (page, 1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.one_of(
        st.text(max_size=60),
        st.tuples(st.sampled_from(sorted(PHRASES)), st.sampled_from(["", "k7m", "m3p", "zzz", "15"])).map(" ".join),
    ),
    sender=st.sampled_from([NUMBER, "+4930123456", "+15005550006", ""]),
)
def test_whatever_is_texted_nothing_raises_and_nobody_answers_a_page_that_did_not_ring_them(page, jens, words, sender):
    ContactPointFactory(user=jens, transport=Transport.SMS, address="+4930123456")
    if not Page.objects.filter(ref="m3pqqqqq").exists():
        named(start(people=[jens], subject_key="incident:INC-2"), "m3pqqqqq")

    answer = text(words.replace("\x00", "").encode(errors="ignore").decode(), sender=sender)

    assert answer.outcome != IncomingOutcome.WAITING
    for given_ in PageAnswer.objects.all():
        assert given_.page.attempts.filter(user=given_.user, outcome="rung").exists()
    PageAnswer.objects.all().delete()
    Page.objects.update(
        status=PageStatus.RINGING, wake_at=NOW + 5 * MINUTE, acknowledged_at=None, acknowledged_by=None
    )


# --- codes -----------------------------------------------------------------------------------------------------------
def test_a_new_page_has_a_code_that_no_page_of_the_day_has(monkeypatch, django_assert_num_queries):
    PageFactory(ref="abczzzzz", started_at=NOW - timedelta(hours=1))
    PageFactory(ref="defzzzzz", started_at=NOW - timedelta(hours=30))
    drawn = iter(["abcqqqqq", "ackqqqqq", "defqqqqq", *["ghjqqqqq"] * 5])
    monkeypatch.setattr("escalation.queries.incoming._draw", lambda: next(drawn))

    with django_assert_num_queries(1):
        assert free_refs(NOW - timedelta(hours=24), 1) == ["defqqqqq"]


def test_the_message_of_a_page_carries_its_code(ana):
    started = start(people=[ana])

    told = Message.objects.filter(user=ana)
    assert {(one.facts["code"], one.facts["page"]) for one in told} == {(started.code, started.ref)}
    assert started.code == started.ref[:3].upper()
