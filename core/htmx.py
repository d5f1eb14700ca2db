"""All HTMX mechanics: the request's type, page or partial, events and redirects."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """What every view behind the sign-in receives.

    HtmxMiddleware has set `htmx` (falsy for a plain browser request), and accounts the signed-in `user` and the
    `actor`; core knows neither of their types.
    """

    htmx: HtmxDetails
    user: Any
    actor: Any


def render_part(request: HttpRequest, template: str, context: dict[str, Any], *, part: str = "") -> HttpResponse:
    """The whole page, or for HTMX only its partial `part` (or the one that the request targets by id).

    A boosted link and a page restored from the history want the whole page, and so does a target that is no partial
    of `template`. Raises TemplateDoesNotExist for a `part` that the template lacks.
    """
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    wants_part = bool(htmx) and not htmx.boosted and not htmx.history_restore_request  # type: ignore[union-attr]
    names = [template]
    if wants_part and part:
        names = [f"{template}#{part}"]
    elif wants_part and htmx and htmx.target:
        names = [f"{template}#{htmx.target}", template]
    response = render(request, names, context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def trigger(response: HttpResponse, *events: str) -> HttpResponse:
    """Let the browser fire `events` (nounChanged) once the response has been swapped in."""
    response["HX-Trigger"] = json.dumps(dict.fromkeys(events, True))
    return response


def go(request: HttpRequest, to: Any) -> HttpResponse:
    """Send the browser to `to` (an object with an address, or an address): a redirect, or its HTMX form."""
    answer = redirect(to)
    if getattr(request, "htmx", None):
        return HttpResponseClientRedirect(answer["Location"])
    return answer
