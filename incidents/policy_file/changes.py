"""What differs between two documents, in words that the people on call understand."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from core.targets import Target
from incidents.enums import ChatMode, CommanderRule, PromiseKind, RoleKind, WatchOrder
from incidents.policy_file.document import (
    SERVICE,
    CalendarPart,
    ChatPart,
    CommanderPart,
    LevelPart,
    OwedPart,
    PagePart,
    PolicyDocument,
    RolePart,
    WatchPart,
)
from incidents.policy_file.fields import DAYS

OWED_WORDS = {
    PromiseKind.FIRST_UPDATE: "the first status update",
    PromiseKind.STATUS_UPDATE: "a status update",
    PromiseKind.CUSTOMER_EMAIL: "an email to customers",
    PromiseKind.POSTMORTEM: "a postmortem",
}


def changes_in_words(before: PolicyDocument | None, after: PolicyDocument) -> list[str]:
    """Sentences, one for each change; an empty list means that both say the same.

    `before` None means that the ladder is new.
    """
    if before is None:
        levels = ", ".join(level.name for level in after.levels)
        return [f"The ladder “{after.name}” ({after.ladder}) is new, with the levels {levels}."]
    if before == after:
        return []
    found = [
        *_field("The ladder is called", before.name, after.name, quote),
        *_field("The description is", before.description, after.description, quote),
        *_field("Without a service, the escalation policy is", before.default_policy, after.default_policy),
        *_calendar(before.calendar, after.calendar),
        *_roles(before.roles, after.roles),
        *_levels(before.levels, after.levels),
    ]
    return found or ["Only the order of some entries changes."]


def quote(value: Any) -> str:
    """Text as it stands."""
    return f"“{value}”"


def _yes(value: Any) -> str:
    return "yes" if value else "no"


def _names(values: Sequence[Any]) -> str:
    return ", ".join(str(value) for value in values) or "none"


def _field(says: str, before: Any, after: Any, show: Callable[[Any], str] = str) -> Iterator[str]:
    if before != after:
        old = "none" if before is None else show(before)
        yield f"{says} {'none' if after is None else show(after)}, was {old}."


def _calendar(before: CalendarPart, after: CalendarPart) -> Iterator[str]:
    yield from _field("Business days are counted in", before.zone, after.zone)
    yield from _field(
        "Business days are", before.workdays, after.workdays, lambda days: _names([DAYS[day - 1] for day in days])
    )
    yield from _field("Holidays are", before.holidays, after.holidays, _names)
    yield from _field("A business day ends at", before.closes_at, after.closes_at, lambda at: f"{at:%H:%M}")


def _roles(before: Sequence[RolePart], after: Sequence[RolePart]) -> Iterator[str]:
    old, new = ({role.slug: role for role in roles} for roles in (before, after))
    yield from (f"The role {role.name} is gone." for slug, role in old.items() if slug not in new)
    for slug, role in new.items():
        if slug not in old:
            yield f"The role {role.name} is new."
            continue
        was = old[slug]
        yield from _field(f"The role {was.name} is called", was.name, role.name)
        yield from _field(
            f"The role {role.name} is of the kind", was.kind, role.kind, lambda kind: RoleKind(kind).value
        )
        yield from _field(f"The role {role.name} may be held by several:", was.holds_several, role.holds_several, _yes)
        if was.duties != role.duties:
            yield f"The duties of the role {role.name} are worded anew."


def _levels(before: Sequence[LevelPart], after: Sequence[LevelPart]) -> Iterator[str]:
    old, new = ({level.name: level for level in levels} for levels in (before, after))
    yield from (f"{name}: the level is gone." for name in old if name not in new)
    for name, level in new.items():
        if name not in old:
            yield f"{name}: the level is new."
        else:
            yield from (f"{name}: {sentence}" for sentence in _level(old[name], level))


def _level(was: LevelPart, level: LevelPart) -> Iterator[str]:
    yield from _field("its rank is", was.rank, level.rank)
    yield from _field("its criteria are", was.criteria, level.criteria, quote)
    if was.examples != level.examples:
        yield "its examples are worded anew."
    yield from _field("a page must be acknowledged within", was.acknowledge_within, level.acknowledge_within)
    yield from _field("work must begin within", was.respond_within, level.respond_within)
    yield from _field(
        "an unanswered page begins from the top again:", was.rings_until_answered, level.rings_until_answered, _yes
    )
    yield from _field("whoever answered and is silent is asked after", was.silent_after, level.silent_after)
    yield from _field("the commander is", was.commander, level.commander, _commander)
    yield from _pages(was.pages, level.pages)
    yield from _field("chat opens", was.chat, level.chat, _chat)
    yield from _field("a status document is kept:", was.status_document, level.status_document, _yes)
    yield from _field("the public is told by default:", was.public, level.public, _yes)
    yield from _field("the watch is", was.watch, level.watch, _watch)
    yield from _duties(was.owed, level.owed)


def _commander(part: CommanderPart) -> str:
    words = {
        CommanderRule.FIRST_ANSWER: "the first who answers",
        CommanderRule.DECLARER: "whoever declares",
        CommanderRule.ON_CALL: f"who is on call in {part.schedule}",
        CommanderRule.NOBODY: "nobody",
    }
    return words[CommanderRule(part.rule)]


def _chat(part: ChatPart) -> str:
    if part.mode == ChatMode.NONE:
        return "nothing"
    where = f" in {part.channel}" if part.channel else ""
    return f"a {'thread' if part.mode == ChatMode.THREAD else 'room of its own'}{where}"


def _watch(part: WatchPart) -> str:
    return f"{part.length} {'before' if part.order == WatchOrder.BEFORE_RESOLVED else 'after'} “resolved”"


def _paged(page: PagePart) -> str:
    return "the service's own policy" if page.policy == SERVICE else page.policy


def _pages(before: Sequence[PagePart], after: Sequence[PagePart]) -> Iterator[str]:
    old, new = ({page.group: page for page in pages} for pages in (before, after))
    yield from (f"{group} is no longer paged." for group in old if group not in new)
    for group, page in new.items():
        if group not in old:
            yield f"{group} is paged as well, by {_paged(page)}."
            continue
        was = old[group]
        yield from _field(f"{group} is paged by", was, page, _paged) if was.policy != page.policy else ()
        yield from _field(f"whoever answers for {group} commands:", was.makes_commander, page.makes_commander, _yes)
        yield from _field(f"answers needed of {group}:", was.answers_needed, page.answers_needed)


def _within(duty: OwedPart) -> str:
    every = duty.what == PromiseKind.STATUS_UPDATE
    return (
        f"every {duty.within}"
        if every
        else f"within {duty.within}"
        if Target.parse(duty.within).duration
        else (duty.within)
    )


def _duties(before: Sequence[OwedPart], after: Sequence[OwedPart]) -> Iterator[str]:
    old, new = ({duty.what: duty for duty in duties} for duties in (before, after))
    yield from (f"{OWED_WORDS[PromiseKind(what)]} is no longer owed." for what in old if what not in new)
    for what, duty in new.items():
        words = OWED_WORDS[PromiseKind(what)]
        if what not in old:
            yield f"{words} is owed {_within(duty)}, it was not owed before."
            continue
        was = old[what]
        if was.within != duty.within:
            yield f"{words} is owed {_within(duty)}, was {was.within}."
        yield from _field(f"{words} is owed by", was.by, duty.by)
        yield from _field(f"{words} goes to", was.to, duty.to, _names)
        yield from _field(f"{words} is called to mind so long before:", was.remind_before, duty.remind_before)
        yield from _field(f"when {words} is late, told is", _deputy(was), _deputy(duty))
        yield from _field(f"when {words} stays late, rung is", _rung(was), _rung(duty))


def _deputy(duty: OwedPart) -> str | None:
    return f"{duty.deputy} after {duty.deputy_after}" if duty.deputy else None


def _rung(duty: OwedPart) -> str | None:
    return f"{duty.escalate_policy} after {duty.escalate_after}" if duty.escalate_policy else None
