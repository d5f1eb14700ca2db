"""For machines that ask whether Muster lives, and for every open page that asks whether the engine does."""

from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from comms.queries.engine import engine_state
from core.htmx import HtmxRequest
from incidents.queries.board import pages_that_ring


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process answers at all. Public, because a supervisor has no sign-in; it says nothing but ok."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether pages would go out: 200, or 503 with the same facts. Public, because a watchdog has no sign-in; it
    holds counts and moments, and nothing of any incident. Moments are ISO 8601 in UTC, or null;
    without a database only `database` and `stalled` are known."""
    try:
        facts = {"database": True, **engine_state(timezone.now()).facts()}
    except (OperationalError, InterfaceError):
        facts = {"database": False, "stalled": True}
    return JsonResponse(facts, status=503 if facts["stalled"] else 200)


@never_cache
@require_safe
def engine_face(request: HtmxRequest) -> HttpResponse:
    """What every open page asks for now and then: the engine's face, and whether I am being rung.

    The page that I look at has its own way to answer, so what rings about it is left out. Without HTMX it is a page.
    """
    here = _path_of(request) if request.htmx else ""
    rung = [page for page in pages_that_ring(request.user) if page.link != here]
    context = {"engine": engine_state(timezone.now()), "rung": rung}
    return render(request, f"incidents/engine/{'face' if request.htmx else 'detail'}.html", context)


def _path_of(request: HtmxRequest) -> str:
    """The path of the page that asks, or nothing when what it says is no address."""
    try:
        return urlsplit(request.htmx.current_url_abs_path or "").path
    except ValueError:
        return ""
