"""What differs between two documents, in words that the people on call understand."""

from collections.abc import Iterator, Sequence

from incidents.enums import RoleKind
from incidents.policy_file.changes.level import changes_of_level
from incidents.policy_file.changes.part import changes_of_list, changes_of_part
from incidents.policy_file.changes.words import field, names, quote, yes
from incidents.policy_file.document import CalendarPart, LevelPart, PolicyDocument, PostmortemPart, RolePart
from incidents.policy_file.fields import DAYS


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
        *field("The ladder is called", before.name, after.name, quote),
        *field("The description is", before.description, after.description, quote),
        *field("Without a service, the escalation policy is", before.default_policy, after.default_policy),
        *field("A person looks at a level that is less sure than", before.confidence_from, after.confidence_from),
        *field("So many alerts at once are one incident:", before.storm_from, after.storm_from),
        *field("With silent health endpoints the level is at least", before.blind_level, after.blind_level),
        *field("Whoever gets a task says “understood”:", before.tasks_understood, after.tasks_understood, yes),
        *_calendar(before.calendar, after.calendar),
        *_roles(before.roles, after.roles),
        *_levels(before.levels, after.levels),
        *(sentence for name in LISTS for sentence in changes_of_list(getattr(before, name), getattr(after, name))),
        *_postmortem(before.postmortem, after.postmortem),
    ]
    return found or ["Only the order of some entries changes."]


def _calendar(before: CalendarPart, after: CalendarPart) -> Iterator[str]:
    yield from field("Business days are counted in", before.zone, after.zone)
    yield from field(
        "Business days are", before.workdays, after.workdays, lambda days: names([DAYS[day - 1] for day in days])
    )
    yield from field("Holidays are", before.holidays, after.holidays, names)
    yield from field("A business day ends at", before.closes_at, after.closes_at, lambda at: f"{at:%H:%M}")


def _roles(before: Sequence[RolePart], after: Sequence[RolePart]) -> Iterator[str]:
    old, new = ({role.slug: role for role in roles} for roles in (before, after))
    yield from (f"The role {role.name} is gone." for slug, role in old.items() if slug not in new)
    for slug, role in new.items():
        if slug not in old:
            yield f"The role {role.name} is new."
            continue
        was = old[slug]
        yield from field(f"The role {was.name} is called", was.name, role.name)
        yield from field(
            f"The role {role.name} is of the kind", was.kind, role.kind, lambda kind: RoleKind(kind).value
        )
        yield from field(f"The role {role.name} may be held by several:", was.holds_several, role.holds_several, yes)
        if was.duties != role.duties:
            yield f"The duties of the role {role.name} are worded anew."


def _levels(before: Sequence[LevelPart], after: Sequence[LevelPart]) -> Iterator[str]:
    old, new = ({level.name: level for level in levels} for levels in (before, after))
    yield from (f"{name}: the level is gone." for name in old if name not in new)
    for name, level in new.items():
        if name not in old:
            yield f"{name}: the level is new."
        else:
            yield from (f"{name}: {sentence}" for sentence in changes_of_level(old[name], level))


# The lists whose changes need no words of their own.
LISTS = [name for name, part in PolicyDocument.lists().items() if part.CALLED]


def _postmortem(before: PostmortemPart | None, after: PostmortemPart | None) -> Iterator[str]:
    if before is None or after is None:
        if before != after:
            yield f"The template of the postmortem is {'new' if after else 'gone'}."
        return
    yield from changes_of_part("The postmortem", before, after)
