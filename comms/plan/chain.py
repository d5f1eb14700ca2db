"""By which of their addresses a person is told, when, and why not by the others. Pure: no query, no clock.

This is the one place that says what holds where a person has said nothing.

**The standard chains.** Urgent: every address at once, a phone call after two minutes, because a call that comes with
the push only wakes people who are reading it already. Normal: mail and chat at once; who has neither is told by push,
else by SMS. What is not urgent never makes a phone ring.

**Verified first.** A message may hold a link that answers and reads an incident without signing in. So an address
that nobody has proved to be its person's is used only where there is no other: a chain takes its verified addresses by
its rules, else the verified ones in standard order, else the unverified by its rules, else those in standard order.
Whoever has one mail address typed in by an admin is rung there rather than nowhere. A rule that is passed over leaves
its row.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from comms.enums import Transport, Urgency
from comms.models import ContactPoint, ContactRule
from core.moments import show_duration

STANDARD_DELAYS: Mapping[str, timedelta] = {Transport.VOICE: timedelta(minutes=2)}
STANDARD_NORMAL = (
    (Transport.EMAIL, Transport.SLACK, Transport.APPRISE, Transport.WEBHOOK),
    (Transport.PUSH,),
    (Transport.SMS, Transport.GATEWAY),
)


@dataclass(frozen=True)
class Try:
    """One address and how long after the message it is tried; with a reason, it is not tried at all.

    `rule` says in words what wants it, for the record.
    """

    point: ContactPoint
    after: timedelta = timedelta()
    reason: str = ""
    rule: str = field(default="", compare=False)


def tries(points: Collection[ContactPoint], urgency: str) -> list[Try]:
    """How the person of `points` is told something of this urgency, soonest first; what is not tried stands last.

    `points` are all of one person, with their rules prefetched. No Try without a reason: nothing reaches them.
    """
    ruled = _by_rules(points, urgency)
    on = [point for point in points if point.is_enabled]
    verified = [point for point in on if point.verified_at]
    chosen: list[Try] = []
    for usable in (verified, on):
        chosen = chosen or [one for one in ruled if one.point in usable] or standard_tries(usable, urgency)
    refused = [replace(one, reason=_refusal(one.point)) for one in ruled if one not in chosen]
    return sorted(chosen, key=_order) + refused


def everywhere(points: Collection[ContactPoint]) -> list[Try]:
    """Every address of a person at once, whatever their rules say: the verified, else all that are switched on."""
    on = [point for point in points if point.is_enabled]
    chosen = [point for point in on if point.verified_at] or on
    return [Try(point, rule="every channel at once") for point in chosen]


def standard_tries(points: Sequence[ContactPoint], urgency: str) -> list[Try]:
    """The standard chain of a person who has these points, all of them usable."""
    if urgency == Urgency.URGENT:
        return [_standard(point, STANDARD_DELAYS.get(point.transport, timedelta()), "urgent") for point in points]
    for transports in STANDARD_NORMAL:
        if chosen := [_standard(point, timedelta(), "normal") for point in points if point.transport in transports]:
            return chosen
    return []


def _by_rules(points: Collection[ContactPoint], urgency: str) -> list[Try]:
    rules = [(point, rule) for point in points for rule in point.rules.all() if rule.chain == urgency]
    return sorted((_by_rule(point, rule, urgency) for point, rule in rules), key=_order)


def _by_rule(point: ContactPoint, rule: ContactRule, urgency: str) -> Try:
    after = timedelta(seconds=rule.after_seconds)
    return Try(point, after, rule=f"own {urgency} chain, {_when(after)}")


def _standard(point: ContactPoint, after: timedelta, chain: str) -> Try:
    return Try(point, after, rule=f"standard {chain} chain, {_when(after)}")


def _when(after: timedelta) -> str:
    return f"{show_duration(after)} after" if after else "at once"


def _refusal(point: ContactPoint) -> str:
    return f"{point.shown} is not verified." if point.is_enabled else f"{point.shown} is switched off."


def _order(one: Try) -> tuple[timedelta, int]:
    return one.after, one.point.pk
