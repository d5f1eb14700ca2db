"""The live door of a room: server-sent events, one stream a watcher.

`entry` carries the fragment of a new timeline entry, its id the entry's number: a reconnect goes on after the last
one seen; without an id that of an older one, which has files by now. `changed` names parts of the page to fetch anew
(`*`: all), `beat` says that Muster hears the database, `gone` that this reader may not see the incident any more. A
stream holds neither thread nor database connection.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from functools import partial

from django.contrib.auth.decorators import login_not_required
from django.db.models import Exists
from django.http import HttpRequest, HttpResponseNotFound, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from accounts.models import User
from core import live
from incidents.enums import EntryKind
from incidents.models import Incident
from incidents.queries.timeline import entries_numbered, with_files_since
from incidents.views.entry import fragment

LONGEST_SECONDS = 600.0  # then the browser comes again and shows who it is
AT_ONCE = 200  # entries fetched together when a watcher catches up
SIGNED_OUT = "You are signed out. Sign in again to see what happens; what you typed is kept."
NOT_YOURS = "You may no longer see this incident."


@dataclass(frozen=True)
class Admission:
    """Who watches what, from which entry on."""

    user_id: int
    incident_id: int
    channel: str
    after: int


@login_not_required
@require_GET
async def incident_stream(request: HttpRequest, reference: str) -> HttpResponseBase:
    """The stream of one incident. Not behind the sign-in wall, because an event source cannot follow it to a form:
    whoever is signed out is told so in the stream; a stranger to a private incident gets 404."""
    await live.give_back_connection()
    admission = await live.in_thread(_admit, request, reference)
    if admission is None:
        return HttpResponseNotFound("There is no such incident.", content_type="text/plain")
    events = _signed_out() if admission.user_id == 0 else _events(admission)
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response["Cache-Control"] = "no-store, no-transform"
    response["X-Accel-Buffering"] = "no"
    return response


def _admit(request: HttpRequest, reference: str) -> Admission | None:
    """Who asks, and whether they may; a user id of 0 is nobody."""
    user = request.user
    if not isinstance(user, User):
        return Admission(0, 0, "", 0)
    incident = Incident.objects.visible_to(user).filter(reference=reference).first()
    if incident is None:
        return None
    asked = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    known = asked.isdecimal() and len(asked) < 10  # an endless number is none
    after = min(int(asked), incident.last_entry) if known else incident.last_entry
    return Admission(user.pk, incident.pk, incident.subject_key, after)


async def _signed_out() -> AsyncIterator[bytes]:
    yield live.event("gone", SIGNED_OUT)


async def _events(admission: Admission) -> AsyncIterator[bytes]:
    """What one watcher receives, until they go, may no longer see it, or it is time to come again.

    What there is to say at once leaves in one piece: with a thousand watchers each piece counts a thousand times.
    """
    hub, clock = live.hub(), asyncio.get_running_loop()
    ends_at = clock.time() + LONGEST_SECONDS * random.uniform(0.8, 1.2)
    sent = admission.after
    yield live.RETRY
    with hub.watch(admission.channel, partial(_prepare, admission.incident_id)) as watcher:
        heard = live.Heard(must_catch_up=True) if hub.is_listening else await watcher.next()
        while clock.time() < ends_at:
            newest = max((said["entry"] for said in heard.announcements if "entry" in said), default=0)
            if _asks_for_rights(heard):
                newest = await live.in_thread(_newest_if_seen, admission)
                if newest is None:
                    yield live.event("gone", NOT_YOURS)
                    return
            pieces = []
            while sent < newest:
                upto = min(newest, sent + AT_ONCE)
                pieces += await _entries(admission.incident_id, range(sent + 1, upto + 1))
                sent = upto
            if parts := _changed(heard):
                pieces.append(live.event("changed", parts))
            if heard.must_catch_up or not pieces:
                pieces.append(live.BEAT)
            yield b"".join(pieces)
            heard = await watcher.next()


async def _prepare(incident_id: int, said: list[live.Announcement]) -> None:
    """Render what was announced, before a thousand watchers ask for it."""
    if numbers := sorted({announcement["entry"] for announcement in said if "entry" in announcement}):
        await _entries(incident_id, numbers)


async def _entries(incident_id: int, numbers: Iterable[int]) -> list[bytes]:
    """The events of the entries with these numbers, in order; made once in this process."""
    made = await live.hub().shelf.take(f"incident {incident_id}", numbers, partial(_render, incident_id))
    return [content for _, content in made]


def _asks_for_rights(heard: live.Heard) -> bool:
    """Whether the audience may have changed."""
    return heard.must_catch_up or any("audience" in said for said in heard.announcements)


def _changed(heard: live.Heard) -> str:
    """Names of the parts to fetch anew."""
    if heard.must_catch_up:
        return "*"
    return " ".join(sorted({part for said in heard.announcements for part in said.get("changed", ())}))


def _newest_if_seen(admission: Admission) -> int | None:
    """The number of the newest entry, or None when this reader may not see it any more. One query."""
    reader = User.objects.filter(pk=admission.user_id, is_active=True)
    seen = Incident.objects.visible_to(User(pk=admission.user_id)).filter(Exists(reader), pk=admission.incident_id)
    return seen.values_list("last_entry", flat=True).first()


def _render(incident_id: int, numbers: list[int]) -> dict[int, bytes]:
    """The event of each entry; all but a note change more of the page than the timeline.

    A line about files that were put beside an older entry brings that one too, as it stands now.
    """
    rendered, entries = {}, entries_numbered(incident_id, numbers)
    older = with_files_since(incident_id, entries)
    for entry in entries:
        content = live.event("entry", fragment(entry), number=entry.number)
        content += b"".join(live.event("entry", fragment(one)) for one in older.get(entry.number, []))
        if entry.kind not in {EntryKind.NOTE, EntryKind.CORRECTION}:
            content += live.event("changed", "*")
        rendered[entry.number] = content
    return rendered
