"""What each part of a policy cannot see alone: names used twice, roles that do not exist, half of a pair."""

from collections.abc import Iterable, Iterator

from core.moments import parse_duration
from core.targets import Target
from incidents.enums import ChatMode, CommanderRule, PromiseKind, RoleKind
from incidents.policy_file.document import LevelPart, OwedPart, PolicyDocument
from incidents.policy_file.loose_names import find_loose_names
from incidents.policy_file.problems import Path

Found = tuple[Path, str]


def find_contradictions(document: PolicyDocument) -> list[Found]:
    """Every contradiction as the path of its field and a sentence, in the order of the file."""
    found = [*_calendar(document), *_roles(document)]
    found += _twice("levels", "name", (level.name.lower() for level in document.levels))
    found += _twice("levels", "rank", (level.rank for level in document.levels))
    for position, level in enumerate(document.levels):
        here = [*_commander(level, document), *_level(level)]
        for index, duty in enumerate(level.owed):
            here += [(("owed", index, *path), sentence) for path, sentence in _owed(duty, document)]
        found += [(("levels", position, *path), sentence) for path, sentence in here]
    return [*found, *find_loose_names(document)]


def _twice(where: str, field: str, values: Iterable[object]) -> Iterator[Found]:
    seen: set[object] = set()
    for position, value in enumerate(values):
        if value in seen:
            yield (where, position, field), f"“{value}” is used by another entry as well; each must be different."
        seen.add(value)


def _calendar(document: PolicyDocument) -> Iterator[Found]:
    yield from _once(("calendar", "workdays"), document.calendar.workdays)
    yield from _once(("calendar", "holidays"), document.calendar.holidays)


def _once(path: Path, values: tuple[object, ...]) -> Iterator[Found]:
    for position, value in enumerate(values):
        if value in values[:position]:
            yield (*path, position), "is listed a second time."


def _roles(document: PolicyDocument) -> Iterator[Found]:
    yield from _twice("roles", "slug", (role.slug for role in document.roles))
    commanders = [position for position, role in enumerate(document.roles) if role.kind == RoleKind.COMMANDER]
    for position in commanders[1:]:
        first = document.roles[commanders[0]].slug
        yield ("roles", position, "kind"), f"“{first}” commands already; a ladder has one commander role at most."
    for position, role in enumerate(document.roles):
        if role.kind == RoleKind.COMMANDER and role.holds_several:
            yield ("roles", position, "holds_several"), "one person commands at a time; leave this at no."


def _commander(level: LevelPart, document: PolicyDocument) -> Iterator[Found]:
    rule, schedule, backup = level.commander.rule, level.commander.schedule, level.commander.backup
    marked = [position for position, page in enumerate(level.pages) if page.makes_commander]
    if rule == CommanderRule.ON_CALL and not schedule:
        yield ("commander", "schedule"), "is missing: with the rule on_call, name the schedule."
    if rule != CommanderRule.ON_CALL and schedule:
        yield ("commander", "schedule"), f"is only used with the rule on_call, and the rule is {rule.value}."
    if rule == CommanderRule.FIRST_ANSWER and not marked:
        yield (
            ("commander", "rule"),
            "nobody would ever command: mark one of the pages with “makes_commander: yes”, or choose another rule.",
        )
    if rule != CommanderRule.FIRST_ANSWER and marked:
        yield (
            ("pages", marked[0], "makes_commander"),
            f"is only used with the rule first_answer, and the rule is {rule.value}.",
        )
    if rule == CommanderRule.NOBODY and backup:
        yield ("commander", "backup"), "is not used while nobody commands."
    if rule != CommanderRule.NOBODY and not any(role.kind == RoleKind.COMMANDER for role in document.roles):
        yield ("commander", "rule"), "somebody commands at this level, but no role is of the kind commander."


def _level(level: LevelPart) -> Iterator[Found]:
    yield from _twice("pages", "group", (page.group.lower() for page in level.pages))
    yield from _twice("owed", "what", (duty.what.value for duty in level.owed))
    if level.chat.mode == ChatMode.THREAD and not level.chat.channel:
        yield ("chat", "channel"), "is missing: a thread needs the name of a standing channel."
    if level.chat.mode == ChatMode.NONE and level.chat.channel:
        yield ("chat", "channel"), "is not used while the mode is none."


def _owed(duty: OwedPart, document: PolicyDocument) -> Iterator[Found]:
    slugs = [role.slug for role in document.roles]
    for field, role in (("by", duty.by), ("deputy", duty.deputy)):
        if role and role not in slugs:
            yield (field,), f"“{role}” is not a role of this ladder; its roles are {', '.join(slugs) or 'none'}."
    for named, after in (("deputy", "deputy_after"), ("escalate_policy", "escalate_after")):
        have, when = getattr(duty, named), getattr(duty, after)
        if have and not when:
            yield (after,), f"is missing: say how long after the moment {named} is told."
        if when and not have:
            yield (after,), f"is not used without {named}."
    length = Target.parse(duty.within).duration
    if duty.what == PromiseKind.STATUS_UPDATE and length is None:
        yield (
            ("within",),
            f"a status update comes every so often: write a duration like “30 min”, not “{duty.within}”.",
        )
    if duty.remind_before and length and parse_duration(duty.remind_before) >= length:
        yield ("remind_before",), f"must be shorter than {duty.within}, or the reminder comes before the clock starts."
    yield from _once(("to",), duty.to)
