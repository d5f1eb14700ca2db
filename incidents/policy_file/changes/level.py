"""What differs between two levels, in words."""

from collections.abc import Iterator, Sequence

from core.targets import Target
from incidents.enums import ChatMode, CommanderRule, PromiseKind, WatchOrder
from incidents.policy_file.changes.part import changes_of_list
from incidents.policy_file.changes.words import field, names, quote, yes
from incidents.policy_file.document import (
    SERVICE,
    ChatPart,
    CommanderPart,
    LevelPart,
    OwedPart,
    PagePart,
    WatchPart,
)

OWED_WORDS = {
    PromiseKind.FIRST_UPDATE: "the first status update",
    PromiseKind.STATUS_UPDATE: "a status update",
    PromiseKind.PUBLIC_UPDATE: "a public update",
    PromiseKind.EXECUTIVE_BRIEF: "an executive brief",
    PromiseKind.CUSTOMER_EMAIL: "an email to customers",
    PromiseKind.POSTMORTEM: "a postmortem",
    PromiseKind.MEETING: "the postmortem meeting",
}


def changes_of_level(was: LevelPart, level: LevelPart) -> Iterator[str]:
    yield from field("its rank is", was.rank, level.rank)
    yield from field("its criteria are", was.criteria, level.criteria, quote)
    if was.examples != level.examples:
        yield "its examples are worded anew."
    yield from field("a page must be acknowledged within", was.acknowledge_within, level.acknowledge_within)
    yield from field("work must begin within", was.respond_within, level.respond_within)
    yield from field(
        "an unanswered page begins from the top again:", was.rings_until_answered, level.rings_until_answered, yes
    )
    yield from field("whoever answered and is silent is asked after", was.silent_after, level.silent_after)
    yield from field("the commander is", was.commander, level.commander, _commander)
    yield from _pages(was.pages, level.pages)
    yield from changes_of_list(was.team, level.team)
    yield from field("everybody is told:", was.tells_everyone, level.tells_everyone, yes)
    yield from field("a ticket does:", was.ticket_only, level.ticket_only, yes)
    yield from field("a ticket is opened:", was.ticket, level.ticket, yes)
    yield from field("chat opens", was.chat, level.chat, _chat)
    yield from field("a status document is kept:", was.status_document, level.status_document, yes)
    yield from field("the public is told by default:", was.public, level.public, yes)
    yield from field("the watch is", was.watch, level.watch, _watch)
    yield from _duties(was.owed, level.owed)


def _commander(part: CommanderPart) -> str:
    words = {
        CommanderRule.FIRST_ANSWER: "the first who answers",
        CommanderRule.DECLARER: "whoever declares",
        CommanderRule.ON_CALL: f"who is on call in {part.schedule}",
        CommanderRule.SERVICE_OWNER: "who is on call for the affected service",
        CommanderRule.NOBODY: "nobody",
    }
    return words[CommanderRule(part.rule)] + (f", else who is on call in {part.backup}" if part.backup else "")


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
        yield from field(f"{group} is paged by", was, page, _paged) if was.policy != page.policy else ()
        yield from field(f"whoever answers for {group} commands:", was.makes_commander, page.makes_commander, yes)
        yield from field(f"answers needed of {group}:", was.answers_needed, page.answers_needed)


def _within(duty: OwedPart) -> str:
    every = duty.what in {PromiseKind.STATUS_UPDATE, PromiseKind.EXECUTIVE_BRIEF}
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
        yield from field(f"{words} is owed by", was.by, duty.by)
        yield from field(f"{words} goes to", was.to, duty.to, names)
        yield from field(f"{words} is called to mind so long before:", was.remind_before, duty.remind_before)
        yield from field(f"when {words} is late, told is", _deputy(was), _deputy(duty))
        yield from field(f"when {words} stays late, rung is", _rung(was), _rung(duty))


def _deputy(duty: OwedPart) -> str | None:
    return f"{duty.deputy} after {duty.deputy_after}" if duty.deputy else None


def _rung(duty: OwedPart) -> str | None:
    return f"{duty.escalate_policy} after {duty.escalate_after}" if duty.escalate_policy else None
