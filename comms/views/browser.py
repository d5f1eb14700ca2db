"""This browser as a way to ring its person: the button's door, and the worker that wakes when Muster pushes."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from comms.actions.browser import add_browser
from comms.enums import Transport
from comms.forms.browser import BrowserForm
from comms.models import ContactPoint
from core.errors import Refused
from core.htmx import HtmxRequest, go
from core.public import public_door

NAMES = (("Firefox", "Firefox"), ("Edg/", "Edge"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
PLACES = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")


@public_door("A browser fetches it by itself, also after the sign-in has ended; it holds nothing of anybody.")
@cache_control(no_cache=True)
@require_safe
def browser_worker(request: HttpRequest) -> HttpResponse:
    """The service worker. It stands at the root, so that its scope is the whole of Muster."""
    return render(request, "comms/browser/worker.js", content_type="text/javascript")


@require_safe
def browser_list(request: HtmxRequest) -> HttpResponse:
    """My browsers that ring, and the button for this one."""
    browsers = ContactPoint.objects.filter(user=request.user, transport=Transport.PUSH, is_enabled=True)
    return render(request, "comms/browser/list.html", {"browsers": browsers})


@require_POST
def browser_add(request: HtmxRequest) -> HttpResponse:
    """Ring this browser from now on."""
    form = BrowserForm(request.POST)
    try:
        if form.is_valid():
            label = browser_name(request.headers.get("User-Agent", ""))
            add_browser(request.user, by=request.actor, now=timezone.now(), label=label, **form.cleaned_data)
            messages.success(request, f"{label} rings you from now on.")
        else:
            messages.error(request, "This browser did not say how it is reached. Press “Ring this browser” again.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return go(request, "comms:browser-list")


def browser_name(agent: str) -> str:
    """What its person would call the browser that says `agent` of itself: “Chrome on Android”."""
    name = next((name for sign, name in NAMES if sign in agent), "A browser")
    place = next((place for place in PLACES if re.search(rf"\b{place}\b", agent)), "")
    return f"{name} on {place}" if place else name
