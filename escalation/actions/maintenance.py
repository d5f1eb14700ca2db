"""Begin, extend and end maintenance. What a window holds and never does is decided where a page takes its step."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.actor import Actor
from core.errors import Conflict, InvalidInput, NotAllowed, WrongState
from core.moments import check_moment, show_moment
from escalation.actions.holding import wake_held
from escalation.models import MaintenanceWindow, Service
from escalation.models.maintenance import LONGEST
from escalation.permissions import check_can_maintain

FARTHEST = timedelta(days=90)


@transaction.atomic
def start_maintenance(
    services: Sequence[Service],
    *,
    by: Actor,
    now: datetime,
    reason: str,
    lasts: timedelta,
    starts_at: datetime | None = None,
) -> MaintenanceWindow:
    """Let new pages that machines start about `services` wait for `lasts` from `starts_at` (now, unless given).

    Four hours at most; it ends by itself. Pages that people start ring as ever. Withdraws nothing: whom a page has
    begun to ring, it goes on to ring by their own rules. Raises NotAllowed, InvalidInput with the field, and Conflict
    when all that time is maintenance of all these services already, so that two presses begin one.
    """
    check_can_maintain(by)
    if by.user is None:
        raise NotAllowed("Maintenance is begun by a person.")
    begins, reason = starts_at or now, " ".join(reason.split())
    _check_window(services, reason=reason, lasts=lasts, begins=begins, now=now)
    named = Service.objects.select_for_update().filter(pk__in=[service.pk for service in services]).order_by("pk")
    _check_says_something_new(list(named), begins, begins + lasts)
    window = MaintenanceWindow.objects.create(
        starts_at=begins, ends_at=begins + lasts, reason=reason, created_at=now, created_by=by.user
    )
    window.services.set(services)
    return window


@transaction.atomic
def extend_maintenance(window: MaintenanceWindow, *, by: Actor, now: datetime, ends_at: datetime) -> MaintenanceWindow:
    """Let `window` last until `ends_at` instead, four hours from its beginning at most.

    What waits for it is looked at when it would have ended, and waits on. Raises NotAllowed, WrongState when it is
    over, Conflict when it lasts that long already, so that two presses extend it once, and InvalidInput beyond the
    limit.
    """
    check_can_maintain(by)
    if by.user is None:
        raise NotAllowed("Maintenance is extended by a person.")
    window = MaintenanceWindow.objects.select_for_update().get(pk=window.pk)
    if window.ended_at is not None or window.ends_at <= now:
        raise WrongState("This maintenance is over; begin another.")
    check_moment(ends_at, field="ends_at")
    if ends_at > window.latest_end:
        latest = show_moment(window.latest_end, by.user.zone)
        raise InvalidInput(
            f"Maintenance lasts 4 hours at most: this one until {latest} at the latest.", field="ends_at"
        )
    if ends_at <= window.ends_at:
        raise Conflict("It lasts until then already; nothing was changed.")
    window.ends_at, window.extended_at, window.extended_by = ends_at, now, by.user
    window.save(update_fields=["ends_at", "extended_at", "extended_by"])
    return window


@transaction.atomic
def end_maintenance(window: MaintenanceWindow, *, by: Actor, now: datetime) -> MaintenanceWindow:
    """End `window` before its time, or take back one that has not begun: what waits for it rings now.

    Raises NotAllowed, WrongState when it is over.
    """
    check_can_maintain(by)
    if by.user is None:
        raise NotAllowed("Maintenance is ended by a person, or by its time.")
    window = MaintenanceWindow.objects.select_for_update().get(pk=window.pk)
    if window.ended_at is not None or window.ends_at <= now:
        raise WrongState("This maintenance is over; nothing waits for it any more.")
    window.ended_at, window.ended_by = now, by.user
    window.save(update_fields=["ended_at", "ended_by"])
    wake_held(window.services.all(), now=now)
    return window


def _check_window(
    services: Sequence[Service], *, reason: str, lasts: timedelta, begins: datetime, now: datetime
) -> None:
    """Raise InvalidInput, with the field at fault, for what is no maintenance."""
    if not services:
        raise InvalidInput("Say which services are worked on.", field="services")
    if not reason:
        raise InvalidInput("Say in one line what is done: whoever wonders at the silence reads it.", field="reason")
    if len(reason) > 200:
        raise InvalidInput("The reason holds 200 characters.", field="reason")
    if not timedelta(0) < lasts <= LONGEST:
        raise InvalidInput("Maintenance lasts 4 hours at most.", field="lasts")
    check_moment(begins, field="starts_at")
    if not now <= begins <= now + FARTHEST:
        raise InvalidInput("Maintenance begins now, or within the next 90 days.", field="starts_at")


def _check_says_something_new(services: Sequence[Service], start: datetime, end: datetime) -> None:
    """Raise Conflict when each service is in maintenance from `start` to `end` by one window that stands."""
    standing = MaintenanceWindow.objects.filter(ended_at__isnull=True, starts_at__lte=start, ends_at__gte=end)
    held = set(standing.filter(services__in=services).values_list("services", flat=True))
    if {service.pk for service in services} <= held:
        raise Conflict("All of this is in maintenance for that time already; nothing was changed.")
