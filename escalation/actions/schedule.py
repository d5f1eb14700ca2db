"""Change who is on call: schedules, their rotations, and overrides on top. Those whose shifts change are told."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, WrongState
from core.rows import check_row
from escalation.actions.shift_change import tells_whose_shifts_change
from escalation.enums import OverrideKind
from escalation.models import Override, Rotation, RotationMember, Schedule
from escalation.oncall import RotationSpec, keep_present
from escalation.permissions import check_can_configure, check_can_override
from escalation.queries.oncall import rotation_spec

Turns = Sequence[Sequence[User]]


@transaction.atomic
@tells_whose_shifts_change
def set_schedule(schedule: Schedule, *, by: Actor, now: datetime) -> Schedule:
    """Keep `schedule`, new or changed. Raises NotAllowed, InvalidInput with the field at fault."""
    check_can_configure(by)
    check_row(schedule)
    schedule.save()
    return schedule


@transaction.atomic
@tells_whose_shifts_change
def remove_schedule(schedule: Schedule, *, by: Actor, now: datetime) -> None:
    """Delete `schedule` with its layers and overrides. Raises NotAllowed, WrongState while a policy rings it."""
    check_can_configure(by)
    try:
        with transaction.atomic():
            schedule.delete()
    except ProtectedError as error:
        raise WrongState(
            "A policy still rings this schedule, or a contact names it; take it out there first."
        ) from error


@transaction.atomic
@tells_whose_shifts_change
def set_rotation(rotation: Rotation, *, by: Actor, now: datetime, turns: Turns | None = None) -> Rotation:
    """Keep `rotation`, new or changed, and with `turns` who takes turns in it, in order.

    Whoever is on call in it at `now` stays so when others join or leave: the order is turned until they stand at the
    turn that is on; when they leave, the next one has it. That holds only while its clockwork stays; a changed
    hand-off counts from its first turn.
    Raises NotAllowed, and InvalidInput for nobody, or the same person twice in one turn.
    """
    check_can_configure(by)
    before = Rotation.objects.filter(pk=rotation.pk).select_related("schedule", "hours").first()
    old = rotation_spec(before, before.schedule) if before else None
    check_row(rotation)
    rotation.save()
    if turns is None:
        return rotation
    if not turns or not all(turns):
        raise InvalidInput("A rotation needs at least one person.", field="people")
    if any(len(set(turn)) != len(turn) for turn in turns):
        raise InvalidInput("A person stands twice in one turn.", field="people")
    rotation.places.all().delete()
    RotationMember.objects.bulk_create(
        RotationMember(rotation=rotation, user=user, position=position)
        for position, turn in enumerate(_keeping_the_present(old, rotation, turns, now))
        for user in turn
    )
    return rotation


@transaction.atomic
@tells_whose_shifts_change
def remove_rotation(rotation: Rotation, *, by: Actor, now: datetime) -> None:
    """Take the layer off its schedule for good. Raises NotAllowed."""
    check_can_configure(by)
    rotation.delete()


@transaction.atomic
@tells_whose_shifts_change
def add_override(override: Override, *, by: Actor, now: datetime) -> Override:
    """Keep the new `override`; as the newest it has the last word. Raises NotAllowed, InvalidInput."""
    check_can_override(by)
    if override.ends_at <= override.starts_at:
        raise InvalidInput("An override ends after it starts.", field="ends_at")
    if override.kind == OverrideKind.REPLACE and override.user_id == override.replaced_id:
        raise InvalidInput("Nobody can replace themselves.", field="user")
    if by.user is None:
        raise InvalidInput("An override is made by a person.")
    override.created_at, override.created_by = now, by.user
    override.save()
    return override


@transaction.atomic
@tells_whose_shifts_change
def cancel_override(override: Override, *, by: Actor, now: datetime) -> Override:
    """Let `override` count no more; it stays in the record. Raises NotAllowed, WrongState when it was cancelled."""
    check_can_override(by)
    if not Override.objects.filter(pk=override.pk, cancelled_at__isnull=True).update(
        cancelled_at=now, cancelled_by=by.user
    ):
        raise WrongState("This override was cancelled before.")
    override.refresh_from_db()
    return override


def _keeping_the_present(old: RotationSpec | None, rotation: Rotation, turns: Turns, now: datetime) -> Turns:
    """`turns`, turned so that whoever has the turn of `now` in `old` has it still."""
    if old is None:
        return turns
    new = keep_present(old, rotation_spec(rotation, rotation.schedule, turns), now)
    people = {user.pk: user for turn in turns for user in turn}
    return [[people[int(str(pk))] for pk in turn] for turn in new.turns]
