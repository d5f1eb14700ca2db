"""A ladder gets a new version; nothing of an old one ever changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.actor import Actor
from core.errors import Conflict, InvalidInput, NotAllowed
from incidents.enums import WatchOrder
from incidents.models import Ladder, LadderVersion, Level, PostmortemTemplate
from incidents.policy_file import PolicyDocument, changes_in_words, document_of
from incidents.policy_file.document import LevelPart, Part
from incidents.policy_file.rows import lists_of_ladder
from incidents.queries.ladder import current_version

LONGEST_NOTE = 300


def check_can_configure(by: Actor) -> None:
    """Raise NotAllowed unless `by` may change policies."""
    if not by.may_configure:
        raise NotAllowed("Only an admin may change a ladder.")


def apply_document(
    document: PolicyDocument, *, by: Actor, now: datetime, note: str = "", expected: int | None = None
) -> LadderVersion:
    """Make the ladder that `document` names say what it says, and return the version in force.

    A ladder that does not exist yet is made; the first of all becomes the default. A document that says what the
    newest version says writes nothing and returns that version. `expected` is the number of the version that the
    writer looked at. Open incidents keep the version that they were declared under.
    Raises NotAllowed, and Conflict when somebody else was quicker.
    """
    check_can_configure(by)
    try:
        with transaction.atomic():
            ladder, _ = Ladder.objects.get_or_create(
                slug=document.ladder,
                defaults={"name": document.name, "is_default": not Ladder.objects.filter(is_default=True).exists()},
            )
            return new_version(ladder, by=by, now=now, document=document, note=note, expected=expected)
    except IntegrityError as error:
        raise Conflict("Somebody else applied a ladder at the same moment. Try again.") from error


@transaction.atomic
def new_version(
    ladder: Ladder, *, by: Actor, now: datetime, document: PolicyDocument, note: str = "", expected: int | None = None
) -> LadderVersion:
    """Write `document` as the next version of `ladder`, with all its rows; or nothing when it says nothing new.

    The ladder takes the document's name. `note` defaults to the changes in words. Does not touch older versions and
    their incidents. Raises NotAllowed, InvalidInput for the document of another ladder, and Conflict when the version
    in force is no longer `expected`.
    """
    check_can_configure(by)
    if document.ladder != ladder.slug:
        raise InvalidInput(f"This policy is for the ladder {document.ladder}, not for {ladder.slug}.", field="ladder")
    ladder = Ladder.objects.select_for_update().get(pk=ladder.pk)
    current = current_version(ladder)
    if current and expected is not None and current.number != expected:
        who = f" by {current.created_by}" if current.created_by else ""
        raise Conflict(f"Version {current.number} of {ladder} was made meanwhile{who}. Look at it, then try again.")
    changes = changes_in_words(document_of(current) if current else None, document)
    if current and not changes:
        return current
    if ladder.name != document.name:
        ladder.name = document.name
        ladder.save(update_fields=["name"])
    note = note.strip() or " ".join(changes)
    if len(note) > LONGEST_NOTE:
        note = note[: LONGEST_NOTE - 1] + "…"
    return _write(ladder, document, number=current.number + 1 if current else 1, by=by, now=now, note=note)


@transaction.atomic
def make_default_ladder(ladder: Ladder, *, by: Actor, now: datetime) -> Ladder:
    """Let declarations offer `ladder`; the one that was the default is so no longer. Twice changes nothing.

    Raises NotAllowed, and InvalidInput for a ladder that has no version yet.
    """
    check_can_configure(by)
    if current_version(ladder) is None:
        raise InvalidInput(f"{ladder} says nothing yet: apply a policy to it first.")
    Ladder.objects.exclude(pk=ladder.pk).filter(is_default=True).update(is_default=False)
    ladder.is_default = True
    ladder.save(update_fields=["is_default"])
    return ladder


def _write(
    ladder: Ladder, document: PolicyDocument, *, number: int, by: Actor, now: datetime, note: str
) -> LadderVersion:
    version = LadderVersion.objects.create(
        ladder=ladder,
        number=number,
        description=document.description or "",
        default_policy=document.default_policy or "",
        confidence_from=document.confidence_from,
        storm_from=document.storm_from,
        blind_level=document.blind_level or "",
        tasks_understood=document.tasks_understood,
        calendar_zone=document.calendar.zone,
        workdays=list(document.calendar.workdays),
        holidays=list(document.calendar.holidays),
        closes_at=document.calendar.closes_at,
        created_at=now,
        created_by=by.user,
        note=note,
    )
    for name in lists_of_ladder():
        _write_parts(getattr(document, name), version=version)
    for level in document.levels:
        _write_level(version, level)
    if document.postmortem:
        template = PostmortemTemplate.objects.create(version=version, **document.postmortem.columns())
        _write_parts(document.postmortem.sections, template=template)
    return version


def _write_level(version: LadderVersion, part: LevelPart) -> None:
    level = Level.objects.create(
        version=version,
        name=part.name,
        rank=part.rank,
        criteria=part.criteria,
        examples=list(part.examples),
        acknowledge_within=part.acknowledge_within or "",
        respond_within=part.respond_within or "",
        rings_until_answered=part.rings_until_answered,
        silent_after=part.silent_after or "",
        commander_rule=part.commander.rule,
        commander_schedule=part.commander.schedule or "",
        commander_backup=part.commander.backup or "",
        tells_everyone=part.tells_everyone,
        ticket_only=part.ticket_only,
        opens_ticket=part.ticket,
        status_document=part.status_document,
        is_public=part.public,
        chat_mode=part.chat.mode,
        chat_channel=part.chat.channel or "",
        watch_order=part.watch.order if part.watch else WatchOrder.NONE,
        watch_for=part.watch.length if part.watch else "",
    )
    for name in part.lists():
        _write_parts(getattr(part, name), level=level)


def _write_parts(parts: Sequence[Part], **owner: Any) -> None:
    """The rows of a list in its order, and of the lists inside its entries: `owner` is the row that they belong to."""
    if not parts:
        return
    made = type(parts[0]).ROW
    rows = made._default_manager.bulk_create(
        made(position=position, **owner, **part.columns()) for position, part in enumerate(parts)
    )
    for row, part in zip(rows, parts, strict=True):
        for name in part.lists():
            _write_parts(getattr(part, name), **{made._meta.model_name or "": row})
