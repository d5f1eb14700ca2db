"""“I am awake”: pressed on my pages, in the room, or on the page behind the signed link."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.enums import Via
from comms.actions.awake import end_awake, start_awake
from core.errors import Refused
from core.htmx import HtmxRequest
from escalation.links import read_answer


@require_POST
def awake_begin(request: HtmxRequest) -> HttpResponse:
    """For two hours from now on what I have seen already comes quietly."""
    try:
        start_awake(by=request.actor, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(request)


@require_POST
def awake_end(request: HtmxRequest) -> HttpResponse:
    """Everything rings me again."""
    try:
        end_awake(by=request.actor, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(request)


# Public: the signed token in the address is the whole authority.
@login_not_required
# No cookie acts here, so none can be abused; a browser that sends no referrer would be refused otherwise.
@csrf_exempt
@never_cache
@require_POST
def awake_link(request: HtmxRequest, token: str) -> HttpResponse:
    """The same for the person of the link, because who was rung is seldom signed in; `end` in the body ends it."""
    now = timezone.now()
    try:
        _, person = read_answer(token, now)
        press = end_awake if "end" in request.POST else start_awake
        press(by=Actor(user=person, via=Via.LINK), now=now)
    except Refused as refusal:
        return render(request, "escalation/answer/refused.html", {"sentence": str(refusal)}, status=404)
    return redirect("escalation:answer-link", token)


def _back(request: HtmxRequest) -> HttpResponse:
    """To `next` if it is a path of ours, else to my pages."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return redirect(wanted if ours and wanted.startswith("/") else "escalation:page-list")
