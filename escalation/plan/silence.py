"""Acknowledged and then silent in every way: first a question, then the page rings anew. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Watch:
    """What an answered page does now, and when it is looked at next. At most one of `nudges` and `lapses` is set."""

    wake_at: datetime
    nudges: bool = False
    lapses: bool = False


def grace_of(silent: timedelta) -> timedelta:
    """How long somebody has after the question: half as long again."""
    return silent / 2


def watch(silent: timedelta, *, alive_at: datetime, nudged_at: datetime | None, now: datetime) -> Watch:
    """Ask once after `silent` without a sign of life since `alive_at`; let the answers lapse once the grace is over.

    A sign of life after the question begins anew, so nobody lapses while a responder is active. After a pause of the
    engine the question still comes first, with its whole grace.
    """
    if now < alive_at + silent:
        return Watch(wake_at=alive_at + silent)
    if nudged_at is None or nudged_at < alive_at:
        return Watch(wake_at=now + grace_of(silent), nudges=True)
    lapses_at = nudged_at + grace_of(silent)
    return Watch(wake_at=max(lapses_at, now), lapses=now >= lapses_at)
