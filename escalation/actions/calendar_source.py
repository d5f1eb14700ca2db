"""Read calendars that are kept somewhere else: the shifts in them become those of a layer, which nobody types."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from accounts.actor import MUSTER, Actor
from comms.actions.engine import record_tick
from core.errors import InvalidInput, NotAllowed, Refused, WrongState
from core.rows import check_row
from escalation.actions.fixed_layer import remove_fixed_layer, set_fixed_layer
from escalation.intake.calendar import read_calendar
from escalation.models import CalendarSource, FixedLayer, FixedShift, Schedule
from escalation.permissions import check_can_configure
from escalation.queries.calendar_source import Matched, match_people
from escalation.transports.calendar import Fetched, FetchFailed, fetch_calendar

logger = logging.getLogger(__name__)

SWEEP = "escalation.read_due_calendars"
# What is spread out of a calendar, from the moment of reading.
BACK, AHEAD = timedelta(days=60), timedelta(days=400)
SHOWN_AHEAD = timedelta(days=30)
AFTER_A_FAILURE = timedelta(minutes=5)


def add_calendar(
    schedule: Schedule,
    *,
    by: Actor,
    now: datetime,
    name: str,
    rank: int,
    time_zone: str,
    url: str = "",
    text: str = "",
) -> CalendarSource:
    """Make a layer of the calendar at `url`, or of the file `text`, and read it at once.

    What cannot be read makes no layer. Raises NotAllowed; InvalidInput with the field at fault.
    """
    check_can_configure(by)
    if by.user is None:
        raise NotAllowed("A calendar is brought in by a person.")
    fetched = _first_copy(url, text)
    with transaction.atomic():
        layer = set_fixed_layer(FixedLayer(schedule=schedule, name=name, rank=rank), by=by, now=now)
        zone = time_zone or schedule.time_zone
        source = CalendarSource(layer=layer, url=url, time_zone=zone, created_at=now, created_by=by.user)
        check_row(source)
        source.save()
        return _keep(source, fetched, by=by, now=now)


@dataclass(frozen=True)
class CalendarPreview:
    """What a calendar would add: its shifts until `until` with their people. `text` is what was read of an address
    or of a file."""

    matched: Matched
    until: datetime
    text: str


def preview_calendar(
    schedule: Schedule, *, by: Actor, now: datetime, time_zone: str, url: str = "", text: str = ""
) -> CalendarPreview:
    """Read the calendar at `url`, or the file `text`, and say what it would add in the next 30 days. Writes nothing.

    Raises NotAllowed; InvalidInput with the field at fault, as add_calendar does.
    """
    check_can_configure(by)
    read = _first_copy(url, text).text or ""
    zone, until = ZoneInfo(time_zone or schedule.time_zone), now + SHOWN_AHEAD
    return CalendarPreview(match_people(read_calendar(read, zone=zone, start=now, end=until)), until, read)


@transaction.atomic
def replace_calendar_file(source: CalendarSource, *, by: Actor, now: datetime, text: str) -> CalendarSource:
    """Let the file `text` take the place of the one that `source` was made of; its layer stays where it is.

    Whoever's shifts change is told. What cannot be read changes nothing. Raises NotAllowed, WrongState for a calendar
    that has an address, and InvalidInput with the field at fault.
    """
    check_can_configure(by)
    source = CalendarSource.objects.select_for_update(of=("self",)).select_related("layer__schedule").get(pk=source.pk)
    if source.url:
        raise WrongState("This calendar is read from its address; take it off to bring in a file.")
    if not text:
        raise InvalidInput("Choose the file that takes its place.", field="file")
    return _keep(source, Fetched(text, "", ""), by=by, now=now)


def _first_copy(url: str, text: str) -> Fetched:
    """What an admin brings in. Raises InvalidInput for none, both, or what cannot be fetched."""
    if bool(url) == bool(text):
        raise InvalidInput("Give the address of a calendar, or a file: one of the two.", field="url")
    try:
        return fetch_calendar(url) if url else Fetched(text, "", "")
    except FetchFailed as failure:
        raise InvalidInput(str(failure), field="url") from failure


def read_calendar_again(source: CalendarSource, *, by: Actor, now: datetime) -> CalendarSource:
    """Fetch `source` now if it has an address, and read it anew. Raises NotAllowed.

    What cannot be fetched or read changes no shift: the last good copy counts, and `source` says since when it fails.
    """
    check_can_configure(by)
    try:
        # Nothing is locked and no transaction is open while another machine is asked.
        same = {"etag": source.etag, "last_modified": source.last_modified}
        fetched = fetch_calendar(source.url, **same) if source.url else Fetched(None, "", "")
        with transaction.atomic():
            return _keep(source, fetched, by=MUSTER, now=now)
    except (FetchFailed, Refused) as failure:
        source.failing_since = source.failing_since or now
        source.failure = str(failure)[:300]
        source.wake_at = now + AFTER_A_FAILURE if source.url else None
        source.save(update_fields=["failing_since", "failure", "wake_at"])
        return source


def remove_calendar(source: CalendarSource, *, by: Actor, now: datetime) -> None:
    """Take the calendar and its layer off the schedule for good. Raises NotAllowed."""
    remove_fixed_layer(source.layer, by=by, now=now)


def read_due_calendars(*, now: datetime, batch: int = 1) -> int:
    """The sweep: read up to `batch` calendars whose next reading has come; how many.

    One at a time is claimed by moving its moment, so that another worker does not ask as well, and a crash is made
    up for at the next reading. One that fails in an unforeseen way is logged and stops no other.
    """
    read = 0
    for source in CalendarSource.objects.due(now).select_related("layer__schedule").order_by("wake_at", "pk")[:batch]:
        if not CalendarSource.objects.due(now).filter(pk=source.pk).update(wake_at=now + reads_every()):
            continue
        try:
            read_calendar_again(source, by=MUSTER, now=now)
            read += 1
        except Exception:  # the row loop of a sweep: one calendar's failure never stops the others
            logger.exception("The calendar with id %s could not be read.", source.pk)
    record_tick(SWEEP, now=now)
    return read


def reads_every() -> timedelta:
    """How often an address is asked."""
    return timedelta(minutes=settings.CALENDAR_MINUTES)


def _keep(source: CalendarSource, fetched: Fetched, *, by: Actor, now: datetime) -> CalendarSource:
    """Make the layer's shifts those of what was fetched, or of the copy that is here. Raises InvalidInput."""
    text = source.text if fetched.text is None else fetched.text
    zone = ZoneInfo(source.time_zone)
    matched = match_people(read_calendar(text, zone=zone, start=now - BACK, end=now + AHEAD))
    _replace_shifts(source.layer, matched, by=by, now=now)
    source.text, source.etag, source.last_modified = text, fetched.etag, fetched.last_modified
    source.unknown, source.read_at = matched.unknown, now
    source.failing_since, source.failure = None, ""
    # A file is read again as well, once a day: its repeats reach further then.
    source.wake_at = now + (reads_every() if source.url else timedelta(days=1))
    source.save()
    return source


def _replace_shifts(layer: FixedLayer, matched: Matched, *, by: Actor, now: datetime) -> None:
    """Only when they are others than before: whoever's shifts change is told by set_fixed_layer."""
    wanted = {(start, end, user.pk) for start, end, user in matched.shifts}
    if wanted != set(layer.shifts.values_list("starts_at", "ends_at", "user_id")):
        rows = [FixedShift(starts_at=start, ends_at=end, user=user) for start, end, user in matched.shifts]
        set_fixed_layer(layer, by=by, now=now, shifts=rows)
