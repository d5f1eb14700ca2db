"""Words that came in: kept as they are, then read, then done, and their sender told what became of them.

Kept first, in a transaction of their own: what fails afterwards is a row that waits, and the same message delivered
again is read then. What was read once changes nothing a second time.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import User
from comms.actions.message import Address, queue_message
from comms.actions.proof import confirm_proof
from comms.enums import MessageKind, Transport
from comms.intake.mail import IncomingMail
from comms.intake.text import GATEWAY, IncomingText
from comms.queries.proof import proof_at, was_rung_since
from core.errors import Refused
from core.moments import show_clock
from core.signals import ask
from escalation.actions.page import acknowledge_page, decline_page
from escalation.enums import AnswerKind, IncomingOutcome, PageStatus
from escalation.intake.reply import PRESSES, Reply, code_of_subject, read_reply
from escalation.links import LASTS
from escalation.models import IncomingAnswer, Page
from escalation.queries.incoming import (
    REF_SIZE,
    WRONG_CODES,
    is_proved,
    name_of,
    pages_answered,
    pages_ringing,
    pages_with_code,
    people_behind,
    shut_until,
    subjects_that_rang,
)
from escalation.signals import ownership_asked

logger = logging.getLogger(__name__)

LISTED = 5
BARE = Reply()
HOW = "Reply ACK, NO, or the minutes until you are there, like 15"


@dataclass(frozen=True)
class Verdict:
    """What became of one message, and the whole sentences that its sender is told."""

    outcome: IncomingOutcome
    reply: str
    reading: Reply | None = None
    user: User | None = None
    page: Page | None = None
    reason: str = ""


def take_text(incoming: IncomingText, *, now: datetime, by_message: bool = False) -> IncomingAnswer:
    """Keep a text, and do what it says if its number is somebody's and it says so for certain.

    A word without a code answers when exactly one page rings that person. With `by_message` the reply is queued for
    that number as well, where the provider may not hand it on. The same text again changes nothing. Raises nothing.
    """
    row = keep_answer(incoming.key, now=now, via=Via.SMS, sender=incoming.sender, text=incoming.text)
    return settle_answer(row, now=now, by_message=by_message)


def ignore_text(incoming: IncomingText, *, now: datetime) -> IncomingAnswer:
    """Keep a text that asks for no more of them: the provider has answered it, and it answers no page."""
    row = keep_answer(incoming.key, now=now, via=Via.SMS, sender=incoming.sender, text=incoming.text)
    return _ignore(row, "Its sender asks for no more of them, and the provider has answered.")


def take_mail(mail: IncomingMail, *, now: datetime) -> IncomingAnswer:
    """Keep a mail, and do what its first own line says if its address is somebody's and it has the page's whole code.

    Anybody can write any sender into a mail, so nothing is answered without that code. What a machine wrote answers
    nothing. The reply is queued for their address, never for one that nobody has. Raises nothing.
    """
    named = {"via": Via.EMAIL, "sender": mail.sender, "subject": mail.subject, "text": mail.text}
    row = keep_answer(mail.key, now=now, **named)
    return _ignore(row, "A machine wrote it.") if mail.is_automatic else settle_answer(row, now=now, by_message=True)


@transaction.atomic
def keep_answer(key: str, *, now: datetime, **named: Any) -> IncomingAnswer:
    """The row of what came in as `key`, with `named` as its fields when it is new. It is not read by this."""
    return IncomingAnswer.objects.get_or_create(key=key, defaults={"at": now, **named})[0]


@transaction.atomic
def _ignore(row: IncomingAnswer, reason: str) -> IncomingAnswer:
    logger.info("The message %s answers nothing: %s", row.key, reason)
    row.outcome, row.reason = IncomingOutcome.IGNORED, reason
    row.save(update_fields=["outcome", "reason"])
    return row


@transaction.atomic
def refuse_answer(row: IncomingAnswer, reply: str) -> IncomingAnswer:
    """End a kept row as one that may not answer, with `reply` as the reason."""
    row.outcome, row.reply = IncomingOutcome.REFUSED, reply
    row.save(update_fields=["outcome", "reply"])
    return row


@transaction.atomic
def settle_answer(row: IncomingAnswer, *, now: datetime, by_message: bool) -> IncomingAnswer:
    """Read a kept row and do what it says, once: a second delivery waits for the first and finds it done."""
    row = IncomingAnswer.objects.select_for_update(of=("self",)).select_related("page", "user").get(pk=row.pk)
    if row.outcome != IncomingOutcome.WAITING:
        return row
    verdict = _judge(row, now)
    row.outcome, row.reply, row.user, row.page = verdict.outcome, verdict.reply, verdict.user, verdict.page
    row.meaning, row.reason = str(verdict.reading or "")[:80], verdict.reason
    row.save(update_fields=["outcome", "reply", "user", "page", "meaning", "reason"])
    if by_message and row.user is not None and row.reply:
        tell_sender(row, _place_of(row) or row.user, now=now)
    return row


def _judge(row: IncomingAnswer, now: datetime) -> Verdict:
    if row.page is not None and row.user is not None:
        return _answer(row.page, row.user, PRESSES[row.text], row.via, now)
    people = people_behind(row.sender, is_number=row.via == Via.SMS)
    if not people:
        return Verdict(IncomingOutcome.UNKNOWN, "Muster knows nobody by this number. Open the link of the message.")
    reading = read_reply(row.text)
    if reading and row.via == Via.EMAIL:
        reading = replace(reading, code=reading.code or code_of_subject(row.subject))
    return _judge_sender(row, reading, people, now) or _judge_words(row, reading, people, now)


def _judge_sender(row: IncomingAnswer, reading: Reply | None, people: list[User], now: datetime) -> Verdict | None:
    """Ignore a sender who tries codes; never what has a right one, or none, from an address that was proved.

    Whoever tries waits here for their own other tries, so that none is judged before those are counted.
    """
    code = reading.code if reading and (row.via != Via.EMAIL or len(reading.code) == REF_SIZE) else ""
    if code:
        list(User.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in people]).order_by("pk"))
    until = shut_until(row.sender, now)
    if until is None:
        return None
    if is_proved(row.sender, is_number=row.via == Via.SMS) and (
        not code or pages_with_code(people, code, now - LASTS)
    ):
        return None
    reason = (
        f"{WRONG_CODES} wrong codes came from this address; "
        f"until {show_clock(until)} only a right one from a verified address counts."
    )
    return Verdict(IncomingOutcome.IGNORED, "", reading, reason=reason)


def _judge_words(row: IncomingAnswer, reading: Reply | None, people: list[User], now: datetime) -> Verdict:
    """What words of these people mean: one page and what they answer to it, or why nothing was done."""
    unclear = Verdict(IncomingOutcome.UNCLEAR, "", reading, people[0] if len(people) == 1 else None)
    if row.via == Via.EMAIL and (reading is None or len(reading.code) != REF_SIZE):
        said = "A mail answers a page with ACK, NO or minutes in its first line and the page's code in its subject"
        return replace(unclear, reply=f"Nothing was changed. {said}: reply to the mail of the page itself.")
    ringing = pages_ringing(people)
    if reading is None:
        return replace(unclear, reply=f"That was not understood; nothing was changed. {HOW}.{_listed(ringing)}")
    if reading.code:
        found = pages_with_code(people, reading.code, now - LASTS)
        unclear = unclear if found else replace(unclear, outcome=IncomingOutcome.WRONG_CODE)
    elif reading == BARE and row.via == Via.SMS and (verdict := _judge_test(row, reading, people, ringing, now)):
        return verdict
    else:
        found = ringing or pages_answered(people, now - LASTS)
    # With nothing ringing, a bare word says again what was answered, or sooner; only a code takes it back.
    takes_back = reading.declines and not reading.code and not ringing
    if len(found) == 1 and not takes_back:
        return _answer(*found[0], reading, row.via, now)
    return replace(unclear, reply=_which(reading, found, ringing))


def _judge_test(
    row: IncomingAnswer, reading: Reply, people: list[User], ringing: Sequence[tuple[Page, User]], now: datetime
) -> Verdict | None:
    """Confirm the test page that went to this number last, as its link does; None where a bare “ok” means a page.

    A page that rang since goes first. With one that rang before, nobody can tell which of the two was meant.
    """
    proof = proof_at(people, _phone_of(row), row.sender, now)
    if proof is None or (ringing and was_rung_since(proof)):
        return None
    user = proof.contact_point.user
    if ringing:
        said = f"A page rings you, and a test page came after it; nothing was changed.{_listed(ringing)}"
        return Verdict(IncomingOutcome.UNCLEAR, said, reading, user)
    confirm_proof(proof, by=Actor(user=user, via=Via.SMS), now=now)
    return Verdict(IncomingOutcome.CONFIRMED, f"Confirmed: {proof.contact_point.shown} reaches you.", reading, user)


def _answer(page: Page, user: User, reading: Reply, via: str, now: datetime) -> Verdict:
    """Acknowledge or decline as this person; a refusal is told as it is, and has changed nothing."""
    by = Actor(user=user, via=Via(via))
    arrives_at = now + timedelta(minutes=reading.minutes) if reading.minutes else None
    try:
        if reading.declines:
            page = decline_page(page, by=by, now=now)
        else:
            page = acknowledge_page(page, by=by, now=now, arrives_at=arrives_at)
    except Refused as refusal:
        return Verdict(IncomingOutcome.REFUSED, str(refusal), reading, user, page)
    told = _told_no(page) if reading.declines else _told_yes(page, user, now)
    return Verdict(IncomingOutcome.ANSWERED, told, reading, user, page)


def _told_yes(page: Page, user: User, now: datetime) -> str:
    """That they have it, when they will be there, whether it rings on, and what they now own."""
    said = [f"You have it: {name_of(page)}."]
    kept = page.answers.filter(user=user, kind=AnswerKind.ACKNOWLEDGED, lapsed_at__isnull=True).first()
    if kept and kept.arrives_at:
        said.append(f"You will be there at {show_clock(kept.arrives_at, user.zone)}.")
    if _rings_on(page):
        said.append("It needs more answers." if page.answers_needed > 1 else "The next person is told as well.")
    return " ".join([*said, *ask(ownership_asked, Page, page=page, user=user, now=now)])


def _told_no(page: Page) -> str:
    return f"You cannot come: {name_of(page)}.{' It rings on.' if _rings_on(page) else ''}"


def _rings_on(page: Page) -> bool:
    return page.status in {PageStatus.RINGING, PageStatus.EXHAUSTED}


def _which(reading: Reply, found: Sequence[tuple[Page, User]], ringing: Sequence[tuple[Page, User]]) -> str:
    """Why no page was answered, and by which words one would be."""
    if reading.code and not found:
        return f"No page that rang you has the code {reading.code.upper()}; nothing was changed.{_listed(ringing)}"
    if not ringing and not reading.code:
        return f"No page rings you now; nothing was changed.{_listed(found)}"
    return f"{len(found)} pages ring you; nothing was changed.{_listed(found, whole=bool(reading.code))}"


def _listed(pairs: Sequence[tuple[Page, User]], *, whole: bool = False) -> str:
    """The pages with their codes, the oldest first; the whole ref where the code does not tell them apart.

    Of a private page only its level: the list is kept beside others that its sender may not know of.
    """
    lines = [
        f"{page.ref.upper() if whole else page.code} "
        f"{f'[{page.level_name}] private' if page.audience_id else page.subject[:60]}"
        for page, _ in pairs[:LISTED]
    ]
    return "\n".join([" Reply ACK or NO with a code:", *lines]) if lines else ""


def _place_of(row: IncomingAnswer) -> Address | None:
    """Where its sender is answered by the way they came, or None where they are not."""
    if row.via == Via.EMAIL:
        return Address(Transport.EMAIL, row.sender)
    if row.via == Via.SMS:
        return Address(_phone_of(row), row.sender)
    return None


def _phone_of(row: IncomingAnswer) -> Transport:
    """By which of our two ways of SMS this text came."""
    return Transport.GATEWAY if row.key.startswith(GATEWAY) else Transport.SMS


def tell_sender(row: IncomingAnswer, to: User | Address, *, now: datetime) -> None:
    """Queue for `to` what became of `row`; once, however often."""
    page = row.page
    about = subjects_that_rang(row.user, now - LASTS) if page is None and row.user else []
    queue_message(
        now=now,
        kind=MessageKind.NOTICE,
        to=to,
        dedup_key=f"incoming:{row.pk}",
        subject=name_of(page) if page else "Your answer reached no page",
        body=row.reply,
        link=page.link if page else "",
        subject_key=page.subject_key if page else "",
        audience=page.audience if page else None,
        facts={"about": about} if about else None,
    )
