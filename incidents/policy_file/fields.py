"""The kinds of values in a policy file: what a person may write, and the one form in which it is kept.

Every scalar of the file arrives as text, so “17:00” is a time, “no” a no and “1” a number only where one is asked for.
"""

import re
from datetime import date, time
from string import Formatter
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from core.errors import InvalidInput
from core.moments import parse_duration, show_duration
from core.targets import Target
from incidents import enums
from incidents.enums import ChatMode, CommanderRule, PromiseKind, RoleKind, WatchOrder
from incidents.models import Duty
from incidents.models.ladder import PLACEHOLDERS

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SLUG = re.compile(r"^[a-z0-9][a-z0-9_-]{0,49}\Z")
ADDRESS = re.compile(r"^(https?://|mailto:)\S+\Z")
CLOCK = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)\Z")
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}\Z")


def one_line(value: str) -> str:
    """Text of one line: folded, without control characters. Raises ValueError with a sentence."""
    text = " ".join(check_characters(value).split())
    if not text:
        raise ValueError("must not be empty.")
    return text


def some_lines(value: str) -> str:
    """Text of several lines, without space at any end."""
    return "\n".join(line.rstrip() for line in check_characters(value).strip().splitlines())


def check_characters(value: str) -> str:
    """Refuse what the database or a terminal cannot take."""
    for character in value:
        if (ord(character) < 32 and character not in "\t\n\r") or 0xD800 <= ord(character) <= 0xDFFF:
            raise ValueError(f"holds a character that is no text (U+{ord(character):04X}).")
    return value


def a_slug(value: str) -> str:
    """A name for machines and addresses."""
    if not SLUG.match(value):
        raise ValueError(
            f"“{value}” is not a short name: use a-z, 0-9 and dashes, at most 50, like “platform-primary”."
        )
    return value


def a_target(value: str) -> str:
    """A target, as Target itself would write it."""
    try:
        return str(Target.parse(value))
    except InvalidInput as error:
        raise ValueError(str(error)) from error


def a_duration(value: str) -> str:
    """A duration, in the shortest exact form."""
    try:
        return show_duration(parse_duration(value))
    except InvalidInput as error:
        raise ValueError(str(error)) from error


def a_zone(value: str) -> str:
    """An IANA zone."""
    if value not in available_timezones():
        raise ValueError(f"“{value}” is not an IANA time zone; write it like Europe/Berlin.")
    return value


def a_level_name(value: str) -> str:
    """A level as people say it; it stands in brackets at the head of every message."""
    if not re.match(r"^\w[\w .-]*\Z", value):
        raise ValueError(f"“{value}” is no name for a level: letters, digits, dots and dashes, like “SEV1”.")
    return value


def an_address(value: str) -> str:
    """A web address, which may hold {names}."""
    if not ADDRESS.match(value):
        raise ValueError(f"“{value}” is not a web address; write it with https:// at its beginning.")
    return value


def a_template(value: str) -> str:
    """A text with {names} that Muster can fill in, and no brace that is none."""
    try:
        names = [name for _, name, _, _ in Formatter().parse(value) if name is not None]
    except ValueError as error:
        raise ValueError("a brace is open or too many; write {{ for a brace that stands for itself.") from error
    for name in names:
        if name not in PLACEHOLDERS:
            raise ValueError(f"“{{{name}}}” is not known here; known are {', '.join(PLACEHOLDERS)}.")
    return value


def once_each(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """No entry twice."""
    for position, value in enumerate(values):
        if value in values[:position]:
            raise ValueError(f"“{value}” is listed a second time.")
    return values


def a_clock(value: Any) -> Any:
    """A wall time from 0:00 to 23:59."""
    if isinstance(value, time):
        return value
    match = CLOCK.match(value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f"“{value}” is not a time of day; write it like 17:00.")
    return time(int(match[1]), int(match[2]))


def a_date(value: Any) -> Any:
    """A day of the calendar."""
    if isinstance(value, date):
        return value
    try:
        if not isinstance(value, str) or not DAY.match(value):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"“{value}” is not a day; write it like 2026-12-25.") from None


def a_weekday(value: Any) -> Any:
    """An ISO weekday from its name in English, short or long; Monday is 1."""
    if isinstance(value, int):
        return value
    short = str(value).strip().lower()[:3]
    if short not in DAYS or not str(value).strip().isalpha():
        raise ValueError(f"“{value}” is not a weekday; write {', '.join(DAYS)}.")
    return DAYS.index(short) + 1


def word_of(*words: str) -> Any:
    """One of `words`, written with spaces, dashes or underscores, in any case."""

    def check(value: Any) -> Any:
        word = re.sub(r"[\s-]+", "_", str(value).strip().lower())
        if word not in words:
            raise ValueError(f"“{value}” is not known here; write one of {', '.join(words)}.")
        return word

    return BeforeValidator(check)


def at_most(longest: int) -> Any:
    """Text of at most `longest` characters."""

    def check(value: str) -> str:
        if len(value) > longest:
            raise ValueError(f"is too long: at most {longest} characters, these are {len(value)}.")
        return value

    return AfterValidator(check)


def some(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """At least one entry."""
    if not values:
        raise ValueError("needs at least one entry.")
    return values


Line = Annotated[str, AfterValidator(one_line)]
Name = Annotated[Line, at_most(120)]
ShortName = Annotated[Line, at_most(60)]
Sentence = Annotated[Line, at_most(300)]
Example = Annotated[Line, at_most(200)]
Criteria = Annotated[Line, at_most(400)]
Group = Annotated[Line, at_most(80)]
LevelName = Annotated[Line, at_most(20), AfterValidator(a_level_name)]
Text = Annotated[str, AfterValidator(some_lines), at_most(4000)]
Slug = Annotated[str, AfterValidator(a_slug)]
TargetText = Annotated[str, AfterValidator(a_target)]
DurationText = Annotated[str, AfterValidator(a_duration)]
Zone = Annotated[str, AfterValidator(a_zone)]
Clock = Annotated[time, BeforeValidator(a_clock)]
Day = Annotated[date, BeforeValidator(a_date)]
Weekday = Annotated[int, BeforeValidator(a_weekday)]
Rank = Annotated[int, Field(ge=0, le=99)]
Answers = Annotated[int, Field(ge=1, le=20)]
Percent = Annotated[int, Field(ge=0, le=99)]
Alerts = Annotated[int, Field(ge=2, le=1000)]

Kind = Annotated[RoleKind, word_of(*RoleKind.values)]
Rule = Annotated[CommanderRule, word_of(*CommanderRule.values)]
Chat = Annotated[ChatMode, word_of(*ChatMode.values)]
Order = Annotated[WatchOrder, word_of(WatchOrder.AFTER_RESOLVED, WatchOrder.BEFORE_RESOLVED)]
Owed = Annotated[PromiseKind, word_of(*Duty.KINDS_OF_A_LEVEL)]

Slugs = Annotated[tuple[Slug, ...], AfterValidator(once_each)]
SomeSlugs = Annotated[Slugs, AfterValidator(some)]
LevelNames = Annotated[tuple[LevelName, ...], AfterValidator(once_each)]
Amount = Annotated[int, Field(ge=0, le=2_000_000_000)]
Command = Annotated[Line, at_most(500)]
Url = Annotated[Line, at_most(500), AfterValidator(an_address)]
ContactMethod = Annotated[Line, at_most(120)]
Template = Annotated[Text, AfterValidator(a_template)]

Source = Annotated[enums.RoleSource, word_of(*enums.RoleSource.values)]
ItemKind = Annotated[enums.ItemKind, word_of(*enums.ItemKind.values)]
Evidence = Annotated[enums.Evidence, word_of(*enums.Evidence.values)]
Gate = Annotated[enums.Gate, word_of(*enums.Gate.values)]
Asked = Annotated[enums.FlagAsked, word_of(*enums.FlagAsked.values)]
Anchor = Annotated[enums.PhaseAnchor, word_of(*enums.PhaseAnchor.values)]
Risk = Annotated[enums.Risk, word_of(*enums.Risk.values)]
TextAudience = Annotated[enums.TextAudience, word_of(*enums.TextAudience.values)]
Occasion = Annotated[enums.Occasion, word_of(*enums.Occasion.values)]
LinkKind = Annotated[enums.LinkKind, word_of(*enums.LinkKind.values)]
SectionKind = Annotated[enums.SectionKind, word_of(*enums.SectionKind.values)]
