"""The signed link: whoever holds it answers one page as one person, without a sign-in wall."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import User
from comms.queries.awake import awake_span
from core.errors import Refused
from escalation.actions.page import acknowledge_page, decline_page
from escalation.forms.answer import CHOICES, AnswerForm
from escalation.links import ExpiredLink, read_answer
from escalation.models import Page
from escalation.queries.page import line_of


# Public: the signed token in the address is the whole authority, it is bound to one page and one person and it ends.
@login_not_required
# No cookie acts here, so none can be abused; and with no-referrer a browser sends the Origin that CSRF checks refuse.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the buttons; GET and HEAD change nothing, because mail scanners open links. POST answers, then shows."""
    now = timezone.now()
    said = ""
    try:
        page, person = read_answer(token, now)
    except Refused as refusal:
        gone = {"sentence": str(refusal)}
        return _closed(render(request, "escalation/answer/refused.html", gone, status=_status_of(refusal)))
    if request.method == "POST":
        said = _answer(page, Actor(user=person, via=Via.LINK), AnswerForm(request.POST))
        if not said:
            return _closed(redirect("escalation:answer-link", token))
    context = _context(page, person, now) | {"said": said, "hole": _hole(page, token), "token": token}
    return _closed(render(request, "escalation/answer/detail.html", context, status=422 if said else 200))


def _context(page: Page, person: User, now: datetime) -> dict[str, Any]:
    line = line_of(page, now)
    answered = line.answer_of(person) is not None
    span = awake_span(person, now)
    # Nobody is signed in, and yet it is known who reads: their clock, as in the message that brought them here.
    zone = {"viewer_zone": person.zone.key, "viewer_zone_name": now.astimezone(person.zone).tzname()}
    return {"line": line, "person": person, "choices": CHOICES, "answered": answered, "span": span, **zone}


def _answer(page: Page, by: Actor, form: AnswerForm) -> str:
    """Do what was pressed; why not, in a sentence, or nothing."""
    now = timezone.now()
    if not form.is_valid():
        return str(form.errors["answer"][0])
    try:
        if form.declines:
            decline_page(page, by=by, now=now)
        else:
            acknowledge_page(page, by=by, now=now, arrives_at=form.arrives_at(now))
    except Refused as refusal:
        return str(refusal)
    return ""


def _hole(page: Page, token: str) -> str:
    """Where the app above says what this person now owns (`<room>answered/<token>/`), or nothing when it does not."""
    path = f"{page.link}answered/{token}/"
    try:
        resolve(path)
    except Resolver404:
        return ""
    return path


def _status_of(refusal: Refused) -> int:
    return 410 if isinstance(refusal, ExpiredLink) else 404


def _closed(response: HttpResponse) -> HttpResponse:
    """The address is a key: it goes to no other site, into no index and into no cache."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
