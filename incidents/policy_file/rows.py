"""From the rows of a version to its document: what the file would say."""

from collections.abc import Sequence

from django.db.models import prefetch_related_objects

from incidents.enums import ChatMode, CommanderRule, WatchOrder
from incidents.models import LadderVersion, Level
from incidents.policy_file.document import (
    CalendarPart,
    ChatPart,
    CommanderPart,
    LevelPart,
    Part,
    PolicyDocument,
    PostmortemPart,
    WatchPart,
)


def lists_of_ladder() -> dict[str, type[Part]]:
    """The lists of a ladder whose parts are rows as they stand: {field: part}; levels are more than their row."""
    return {name: part for name, part in PolicyDocument.lists().items() if part is not LevelPart}


def fetch_rows(versions: Sequence[LadderVersion]) -> None:
    """All rows of `versions`, those that are not there yet, in a number of queries that does not grow with them."""
    names = [f"levels__{RELATED.get(name, name)}" for name in LevelPart.lists()]
    parts: dict[str, type[Part]] = {**lists_of_ladder(), "postmortem": PostmortemPart}
    for name, part in parts.items():
        names += [name, *(f"{name}__{inside}" for inside in part.lists())]
    prefetch_related_objects(versions, *names)


def document_of(version: LadderVersion) -> PolicyDocument:
    """`version` as a document; free of queries where `fetch_rows` has fetched the rows.

    The rows were checked when they were written, so nothing is checked again: an old version stays readable when
    a rule is added.
    """
    fetch_rows([version])
    template = getattr(version, "postmortem", None)
    return PolicyDocument.model_construct(
        ladder=version.ladder.slug,
        name=version.ladder.name,
        description=version.description or None,
        default_policy=version.default_policy or None,
        confidence_from=version.confidence_from,
        storm_from=version.storm_from,
        blind_level=version.blind_level or None,
        tasks_understood=version.tasks_understood,
        calendar=CalendarPart.model_construct(
            zone=version.calendar_zone,
            workdays=tuple(version.workdays),
            holidays=tuple(version.holidays),
            closes_at=version.closes_at,
        ),
        levels=tuple(_level(level) for level in version.levels.all()),
        postmortem=PostmortemPart.of(template) if template else None,
        **{  # type: ignore[arg-type]
            name: tuple(part.of(row) for row in getattr(version, name).all())
            for name, part in lists_of_ladder().items()
        },
    )


def _level(level: Level) -> LevelPart:
    watch = None
    if level.watch_order != WatchOrder.NONE:
        watch = WatchPart.model_construct(length=level.watch_for, order=WatchOrder(level.watch_order))
    lists = {
        name: tuple(part.of(row) for row in getattr(level, RELATED.get(name, name)).all())
        for name, part in LevelPart.lists().items()
    }
    return LevelPart.model_construct(
        name=level.name,
        rank=level.rank,
        criteria=level.criteria,
        examples=tuple(level.examples),
        acknowledge_within=level.acknowledge_within or None,
        respond_within=level.respond_within or None,
        rings_until_answered=level.rings_until_answered,
        silent_after=level.silent_after or None,
        commander=CommanderPart.model_construct(
            rule=CommanderRule(level.commander_rule),
            schedule=level.commander_schedule or None,
            backup=level.commander_backup or None,
        ),
        tells_everyone=level.tells_everyone,
        ticket_only=level.ticket_only,
        ticket=level.opens_ticket,
        chat=ChatPart.model_construct(mode=ChatMode(level.chat_mode), channel=level.chat_channel or None),
        status_document=level.status_document,
        public=level.is_public,
        watch=watch,
        **lists,  # type: ignore[arg-type]
    )


RELATED = {"owed": "duties"}  # a list of a level that its rows call otherwise
