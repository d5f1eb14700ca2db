"""The war room: the whole page, one of its panels, or the parts of it that have changed."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from core.htmx import HtmxRequest
from core.moments import show_clock
from incidents.actions.public_word import unchanged_words
from incidents.enums import DecisionOutcome, ServiceState
from incidents.forms.composer import ComposerForm
from incidents.forms.entry import EntryForm
from incidents.forms.submission import RoomForm
from incidents.models import Incident, TimelineEntry
from incidents.owed import owed
from incidents.permissions import can_report, can_respond
from incidents.queries.public_word import no_change_reaches_public, public_rhythm
from incidents.queries.reading import News
from incidents.queries.room import Room, room
from incidents.queries.timeline import FILTERS, PINNED, entry_of, glimpse, window
from incidents.views import looks
from incidents.views.entry import fragments, number_in, wanted_of
from incidents.views.links import links_of
from incidents.views.owed import facts_of, postmortem_url
from incidents.views.panels import panel, raising_tells

SHOWN_AT_ONCE = 3
TO_SHOW = (*((name, label) for name, (label, _) in FILTERS.items()), (PINNED, "Pinned"))


@require_safe
def incident_detail(request: HtmxRequest, reference: str) -> HttpResponse:
    """The room. `?panel=` opens a form, `?only=` filters the timeline, `?parts=` is what HTMX fetches anew."""
    found = find_room(request, reference)
    if request.htmx and "parts" in request.GET:
        return render(request, "incidents/incident/parts.html", context_of(request, found))
    if request.htmx and request.htmx.target == "room-panel":
        context = {**context_of(request, found), "panel": _asked_panel(request, found)}
        return render(request, "incidents/incident/panel.html", context)
    return show_room(request, found)


def find_room(request: HtmxRequest, reference: str) -> Room:
    """The room, or 404: also for whoever may not know of it."""
    try:
        return room(reference, request.user, timezone.now())
    except Incident.DoesNotExist as error:
        raise Http404(f"There is no incident {reference}.") from error


def show_room(
    request: HtmxRequest,
    found: Room,
    *,
    key: str = "",
    form: RoomForm | None = None,
    composer: ComposerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page; with a refused `form` of the panel `key`, or a refused composer, as they were typed."""
    want, before = wanted_of(request), request.GET.get("before", "")
    upto = number_in(before)
    is_newest = upto is None and want.is_everything
    shown = glimpse(found.incident) if is_newest else window(found.incident, upto, want=want)
    context = {
        **context_of(request, found),
        "panel": panel(found, key, form) if key else _asked_panel(request, found),
        "composer": composer or ComposerForm(room=found),
        "fragments": _with_line(found, shown.entries, found.news if want.is_everything else None),
        "older": shown.older_than,
        "want": want,
        "filters": TO_SHOW,
    }
    return render(request, "incidents/incident/detail.html", context, status=status)


def _with_line(found: Room, entries: list[TimelineEntry], news: News | None) -> list[SafeString]:
    """The fragments, with a line between what came in since the reader looked last and what they have seen."""
    pieces = fragments(entries)
    seen = next((place for place, entry in enumerate(entries) if news and entry.number <= news.number), 0)
    if news and seen:
        said = show_clock(news.since, found.viewer.zone)
        pieces.insert(seen, format_html('<li class="mu-since-line">You looked last at {}</li>', said))
    return pieces


def show_parts(
    request: HtmxRequest,
    reference: str,
    *,
    with_panel: bool = False,
    key: str = "",
    form: RoomForm | None = None,
    composer_said: str = "",
    status: int = 200,
) -> HttpResponse:
    """What HTMX gets after a press: every part from fresh rows; `with_panel` closes the panel, or shows its refusal.

    A press that came from elsewhere leaves an open panel alone: somebody may be writing in it.
    """
    found = find_room(request, reference)
    context = {
        **context_of(request, found),
        "panel": panel(found, key, form) if key else None,
        "with_panel": with_panel,
        "composer_said": composer_said,
    }
    return render(request, "incidents/incident/parts.html", context, status=status)


def context_of(request: HtmxRequest, found: Room) -> dict[str, Any]:
    """What every part of the page knows."""
    incident = found.incident
    may_act = can_respond(request.actor, incident) and not found.is_closed
    rows = [looks.owed_row(row) for row in owed(facts_of(found, may_act), found.now)]
    roles, held_by_commander = looks.shown_roles(found)
    return {
        "room": found,
        "incident": incident,
        "now": found.now,
        "may_act": may_act,
        "room_url": incident.get_absolute_url(),
        "owed_first": rows[:SHOWN_AT_ONCE],
        "owed_more": rows[SHOWN_AT_ONCE:],
        "answers": [looks.ringing(line, found.now) for line in found.to_answer],
        "ringing": [looks.ringing(line, found.now) for line in found.ringing],
        "people_rung": looks.people_rung(found),
        "was_rung": looks.was_rung(found),
        "steps": looks.steps(found),
        "roles": roles,
        "held_by_commander": held_by_commander,
        "impact_rows": looks.impact_rows(found),
        "work": found.work,
        "symptoms": looks.symptoms(found, may_act),
        "look_at": links_of(found),
        "decision_answers": DecisionOutcome.choices,
        "service_states": ServiceState.choices,
        "can_report": can_report(request.actor, incident) and not found.is_closed,
        "checklist": looks.phases(found, opened_phases(request)),
        "raising_tells": raising_tells(found.worse) if found.worse else "",
        "no_change_label": no_change_label(found),
        "no_change_public": no_change_public(found) if may_act else "",
        "pass_on": f"&role={found.commander_role}",
        "postmortem_url": postmortem_url(incident),
        "hint": looks.first_hint(found),
        "may_reopen": found.is_closed and can_respond(request.actor, incident),
        "press_key": looks.press_key(),
        "pending_left": found.pending.takes_effect_at - found.now if found.pending else None,
    }


def opened_phases(request: HtmxRequest) -> set[str]:
    """The phases that the reader has unfolded: by the address, or as the page says with each of its requests."""
    return {*request.GET.getlist("phase"), *request.headers.get("X-Phases", "").split()}


def no_change_label(found: Room) -> str:
    """The one press that says that nothing has changed, with the moment that it promises."""
    due_at = found.next_update_by
    return f"No change, next by {show_clock(due_at, found.viewer.zone)}" if due_at else "No change"


def no_change_public(found: Room) -> str:
    """What that press tells the public as well, word for word; empty where it tells it nothing."""
    if found.last_update is None or not no_change_reaches_public(found.incident):
        return ""
    next_by = found.next_update_by or public_rhythm(found.incident, now=found.now)
    return unchanged_words(found.incident, now=found.now, next_by=next_by)


def _asked_panel(request: HtmxRequest, found: Room) -> Any:
    """The panel that the address asks for, with what it fills in beforehand; none in a closed record."""
    number, key = number_in(request.GET.get("entry", "")), request.GET.get("panel", "")
    if number is not None:
        entry = entry_of(found.incident, number)
        return panel(found, "entry", EntryForm(room=found, shown=entry)) if entry else None
    opened = panel(found, key)
    if opened is None or key == "entry" or found.is_closed != (key == "reopen"):
        return None
    opened.form.prefill(request.GET)
    return opened
