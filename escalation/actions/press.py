"""A press that answers a page: a key of the phone, a button or a reaction in a chat. Kept first, as words are."""

from datetime import datetime

from accounts.actor import Actor
from accounts.enums import Via
from comms.actions.message import Address
from comms.enums import MessageKind, Transport
from comms.intake.slack import Press, Reaction
from comms.queries.delivery import message_called
from core.errors import NotAllowed, Refused
from escalation.actions.incoming import keep_answer, refuse_answer, settle_answer, tell_sender
from escalation.intake.reply import PRESSES
from escalation.links import read_link
from escalation.models import IncomingAnswer, Page
from escalation.queries.incoming import is_reached_at

SEVERAL = "This message tells of several pages at once; nothing was changed. Answer each by its own link."


def take_press(page: Page, *, by: Actor, now: datetime, press: str, key: str) -> IncomingAnswer:
    """Keep that `by` pressed `press` about `page`, a key of the phone or something in a chat, and do what it means.

    `key` names this press: the same again changes nothing. Raises KeyError for a press that means nothing.
    """
    named = {"via": by.via, "sender": str(by), "text": press, "meaning": str(PRESSES[press])}
    return settle_answer(keep_answer(key[:200], now=now, user=by.user, page=page, **named), now=now, by_message=False)


def take_button(press: Press, *, now: datetime) -> IncomingAnswer:
    """Keep a button that was pressed in Slack, and do what it means if its message was sent to whoever pressed it.

    What became of it goes where `press` is to be replied to: it takes the place of the message. The same press again
    changes nothing. Raises KeyError for a button that means nothing.
    """
    try:
        if not press.link:
            raise NotAllowed(SEVERAL)
        page, person = read_link(press.link, now)
        if not is_reached_at(person, Transport.SLACK, press.member):
            raise NotAllowed(f"This page rang {person}, and nobody else answers it here.")
    except Refused as refusal:
        kept = keep_answer(press.key, now=now, via=Via.CHAT, sender=press.member, text=press.answer)
        row = refuse_answer(kept, str(refusal))
    else:
        by = Actor(user=person, via=Via.CHAT)
        row = take_press(page, by=by, now=now, press=press.answer, key=press.key)
    if press.reply_to:
        tell_sender(row, Address(Transport.SLACK, press.reply_to), now=now)
    return row


def take_reaction(reaction: Reaction, *, now: datetime) -> IncomingAnswer | None:
    """Keep a reaction in Slack to a message that rang somebody, and do what it means, as a button of it would.

    Only whom the message reached answers by it, and is told in Slack what became of it; a reaction of others is kept
    and refused in silence. None, with nothing kept, for any other message. The same event again changes nothing.
    Raises KeyError for a reaction that means nothing.
    """
    message = message_called(reaction.place, Transport.SLACK)
    if message is None or message.kind != MessageKind.PAGE or message.user is None:
        return None
    is_theirs = is_reached_at(message.user, Transport.SLACK, reaction.member)
    reply_to = reaction.member if is_theirs else ""
    press = Press(reaction.key, reaction.member, reaction.name, message.link, reply_to)
    return take_button(press, now=now)
