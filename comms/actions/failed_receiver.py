"""A receiver that failed is a row, tried again until it succeeds: nothing that should follow is silently missing."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import F, Model
from django.utils.module_loading import import_string

from accounts.actor import Actor
from accounts.enums import TokenScope, Via
from accounts.models import User
from comms.actions.engine import record_tick
from comms.models import FailedReceiver
from comms.permissions import check_can_settle_failed_receiver
from core.errors import WrongState

logger = logging.getLogger(__name__)

SWEEP = "comms.retry_failed_receivers"
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600))


def keep_failed_receiver(
    *, name: str, receiver: str, sender: type[Model] | None, named: Mapping[str, Any], error: Exception, now: datetime
) -> FailedReceiver:
    """Write down that `receiver` failed with `error` when `name` was announced, and when it is tried again.

    Part of the transaction of the announcement: when that is undone, nothing remains to be done. Raises TypeError for
    an announcement that holds something other than rows, actors, moments and plain values.
    """
    return FailedReceiver.objects.create(
        name=name,
        receiver=receiver,
        sender=sender._meta.label if sender else "",
        named={key: written(value) for key, value in named.items()},
        error=_line(error),
        failed_at=now,
        wake_at=now + BACK_OFF[0],
    )


def retry_failed_receivers(*, now: datetime, batch: int = 20) -> int:
    """The sweep: call up to `batch` receivers whose next try has come, the longest due first; how many succeeded.

    Each is told what was announced, with the rows as they are now, and the moment of then. One transaction a row: what
    it writes and that it is done live or die together. Another failure puts it off: 30 s, 2 min, 10
    min, then each hour, without an end. Records its tick; what waits moves with a clock that was set back.
    """
    record_tick(SWEEP, now=now, move=partial(_move_waiting, now=now))
    due = FailedReceiver.objects.due(now).order_by("wake_at", "pk").values_list("pk", flat=True)
    succeeded = 0
    for pk in list(due[:batch]):
        try:
            succeeded += _retry(pk, now)
        except Exception as error:  # the row loop of a sweep: it fails again, and is put off
            logger.exception("The receiver with id %s failed again.", pk)
            _put_off(pk, error, now)
    return succeeded


def _move_waiting(jump: timedelta, *, now: datetime) -> None:
    FailedReceiver.objects.filter(wake_at__gt=now).update(wake_at=F("wake_at") - jump)


@transaction.atomic
def try_again_now(failed: FailedReceiver, *, by: Actor, now: datetime) -> FailedReceiver:
    """Let the next sweep try it. Raises NotAllowed, and WrongState for one that is done or dropped."""
    locked = _locked(failed, by)
    locked.wake_at = now
    locked.save(update_fields=["wake_at"])
    return locked


@transaction.atomic
def drop_failed_receiver(failed: FailedReceiver, *, by: Actor, now: datetime) -> FailedReceiver:
    """Try it no more, because a person has seen to it. Raises NotAllowed, and WrongState for one done or dropped."""
    locked = _locked(failed, by)
    locked.wake_at, locked.dropped_at, locked.dropped_by = None, now, by.user
    locked.save(update_fields=["wake_at", "dropped_at", "dropped_by"])
    return locked


@transaction.atomic
def _retry(pk: int, now: datetime) -> bool:
    row = FailedReceiver.objects.select_for_update(skip_locked=True).filter(pk=pk, wake_at__lte=now).first()
    if row is None:
        return False
    sender = apps.get_model(row.sender) if row.sender else None
    told = {key: read(value) for key, value in row.named.items()}
    import_string(row.receiver)(signal=import_string(row.name), sender=sender, **told)
    row.tries, row.wake_at, row.done_at = row.tries + 1, None, now
    row.save(update_fields=["tries", "wake_at", "done_at"])
    return True


@transaction.atomic
def _put_off(pk: int, error: Exception, now: datetime) -> None:
    row = FailedReceiver.objects.select_for_update().filter(pk=pk, wake_at__lte=now).first()
    if row is not None:
        row.error, row.wake_at = _line(error), now + BACK_OFF[min(row.tries, len(BACK_OFF) - 1)]
        row.tries += 1
        row.save(update_fields=["error", "wake_at", "tries"])


def _locked(failed: FailedReceiver, by: Actor) -> FailedReceiver:
    check_can_settle_failed_receiver(by)
    locked = FailedReceiver.objects.select_for_update(of=("self",)).get(pk=failed.pk)
    if locked.wake_at is None:
        raise WrongState("This is tried no more: it was done, or dropped.")
    return locked


def written(value: Any) -> Any:
    """`value` as JSON: rows and people by their ids, moments in ISO 8601. Raises TypeError for what is neither."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return str(value)
        case datetime():
            return {"moment": value.isoformat()}
        case Model():
            return {"row": value._meta.label, "pk": value.pk}
        case Actor():
            return {"actor": value.user.pk if value.user else None, "via": str(value.via), "scope": value.scope}
        case list() | tuple() | set() | frozenset():
            return [written(one) for one in value]
    raise TypeError(f"A {type(value).__name__} cannot be announced again later.")


def read(value: Any) -> Any:
    """What `written` made, with rows as they are now. Raises DoesNotExist for one that is gone."""
    match value:
        case list():
            return [read(one) for one in value]
        case {"moment": str(moment)}:
            return datetime.fromisoformat(moment)
        case {"row": str(label), "pk": pk}:
            return apps.get_model(label)._default_manager.get(pk=pk)
        case {"actor": pk, "via": via, "scope": scope}:
            user = User.objects.get(pk=pk) if pk is not None else None
            return Actor(user=user, via=Via(via), scope=TokenScope(scope) if scope else None)
    return value


def _line(error: Exception) -> str:
    """The first line alone: the database quotes the row in the next ones, which every admin would read here."""
    first = next(iter(str(error).strip().splitlines()), "")
    return " ".join(f"{type(error).__name__}: {first}".split())[:500]
