"""The parts of a line that several commands read alike: a person, a length of time, a number, another incident."""

import re
import shlex
from datetime import datetime

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from core.moments import parse_to_come, show_clock
from incidents.models import Incident
from incidents.queries.incident import incident_called

WITHIN = re.compile(r"^(?P<moment>\d{1,2}:\d{2}|\d{1,4}\s?(?:min|m|h))\s+(?P<rest>\S.*)$", re.DOTALL)


def find_person(word: str) -> User:
    """The active person called `@ana` or `ana`. Raises InvalidInput, with those whose handle begins alike."""
    handle = word.removeprefix("@").lower()
    person = User.objects.filter(handle=handle, is_active=True).first()
    if person:
        return person
    alike = User.objects.filter(is_active=True, handle__startswith=handle[:2])[:3] if handle else []
    hint = f" Did you mean {' or '.join(str(user) for user in alike)}?" if alike else ""
    raise InvalidInput(f"There is nobody called @{handle} here.{hint}", field="line")


def find_other(word: str, *, by: Actor) -> Incident:
    """The incident called `INC-…`, or by its number, that `by` may see. Raises InvalidInput."""
    found = incident_called(word, by.user) if by.user else None
    if found is None:
        raise InvalidInput(f"There is no incident {word[:40]}.", field="line")
    return found


def split_number(rest: str) -> tuple[int, str]:
    """`3 words` as the number of an item and the words. Raises InvalidInput without a number."""
    word, _, note = rest.partition(" ")
    if not word.isdecimal() or len(word) > 4:
        raise InvalidInput("Say which item, by its number: /tick 3. Typing words behind /tick finds it.", field="line")
    return int(word), note


def words_of(text: str) -> list[str]:
    """Words as a shell reads them, so that quotes keep a value with spaces together. Raises InvalidInput."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise InvalidInput("A quotation mark is open.", field="line") from error


def split_within(rest: str, *, by: Actor, now: datetime) -> tuple[datetime | None, str]:
    """`10m text` and `14:45 text` as that moment to come, in the writer's zone, and the text."""
    match = WITHIN.match(rest)
    if match is None:
        return None, rest
    return parse_to_come(match["moment"], now=now, zone=by.zone), match["rest"]


def until(moment: datetime | None) -> str:
    """` by 14:45 CEST`, or nothing."""
    return f" by {show_clock(moment)}" if moment else ""
