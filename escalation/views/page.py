"""Pages in the browser: mine, one of them with its whole story, and the buttons, to which the room posts as well."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from core.errors import Refused
from core.htmx import HtmxRequest, render_part, trigger
from core.moments import show_clock
from escalation.actions.page import acknowledge_page, decline_page, ring_next_now
from escalation.forms.answer import CHOICES, AnswerForm
from escalation.forms.step import NextStepForm
from escalation.models import Page
from escalation.permissions import can_acknowledge, can_decline, can_ring_next
from escalation.queries.page import line_of, my_pages
from escalation.states import LOOKS_FOR_SOMEBODY

TOLD_NOW = "Thank you. Whoever is next is told now."


@require_safe
def page_list(request: HtmxRequest) -> HttpResponse:
    """What rings me, then what has rung me."""
    lines = my_pages(request.user, timezone.now())
    ringing = [line for line in lines if line.is_open and not line.answer_of(request.user)]
    context = {"ringing": ringing, "others": [line for line in lines if line not in ringing], "choices": CHOICES}
    return render_part(request, "escalation/page/list.html", context)


@require_safe
def page_detail(request: HtmxRequest, ref: str) -> HttpResponse:
    """Who was rung, when and how, what they answered, who comes next: why was somebody told, or not."""
    page = _visible(request, ref)
    by = request.actor
    context = {
        "line": line_of(page, timezone.now()),
        "choices": CHOICES if can_decline(page, by) else CHOICES[:-1],
        "can_answer": can_acknowledge(page, by),
        "can_ring_next": can_ring_next(page, by),
        "incoming": page.incoming_answers.select_related("user").order_by("at", "pk"),
    }
    return render_part(request, "escalation/page/detail.html", context)


@require_POST
def page_acknowledge(request: HtmxRequest, ref: str) -> HttpResponse:
    """Answer: `answer` is on_it (or empty), 5, 15, 30 or cannot; `also` names other pages of the same subject.

    Each is answered by itself: one that refuses says why, and the others are answered all the same.
    """
    page, form, now = _visible(request, ref), AnswerForm(request.POST), timezone.now()
    if not form.is_valid():
        messages.error(request, str(form.errors["answer"][0]))
        return _answered(request, page)
    if form.declines:
        return _answer_all(request, page, decline_page, now, said=TOLD_NOW)
    arrives_at = form.arrives_at(now)
    said = f"You are there by {show_clock(arrives_at, request.user.zone)}." if arrives_at else "You are on it."
    return _answer_all(request, page, partial(acknowledge_page, arrives_at=arrives_at), now, said=said)


@require_POST
def page_decline(request: HtmxRequest, ref: str) -> HttpResponse:
    """Cannot, nor for those that `also` names: the next person is told now."""
    return _answer_all(request, _visible(request, ref), decline_page, timezone.now(), said=TOLD_NOW)


@require_POST
def page_ring_next(request: HtmxRequest, ref: str) -> HttpResponse:
    """Ring the next step now; `step` is the step that the presser saw next, so two presses ring one."""
    page, form = _visible(request, ref), NextStepForm(request.POST)
    try:
        expected = form.cleaned_data["step"] if form.is_valid() else None
        ring_next_now(page, by=request.actor, now=timezone.now(), expected=expected)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _answered(request, page)


def _visible(request: HtmxRequest, ref: str) -> Page:
    return get_object_or_404(Page.objects.visible_to(request.user).prefetch_related("attempts"), ref=ref)


def _answer_all(
    request: HtmxRequest, page: Page, act: Callable[..., Page], now: datetime, *, said: str
) -> HttpResponse:
    """Answer each, and say back in `said` what was answered: a press without an echo is pressed again."""
    answered = []
    for one in _asked(request, page):
        try:
            answered.append(act(one, by=request.actor, now=now))
        except Refused as refusal:
            messages.error(request, str(refusal))
    if answered:
        goes_on = act is not decline_page and any(one.status in LOOKS_FOR_SOMEBODY for one in answered)
        messages.success(request, f"{said} It goes on looking for somebody else." if goes_on else said)
    return _answered(request, page)


def _asked(request: HtmxRequest, page: Page) -> list[Page]:
    """`page`, and those of its subject that rang the reader and that `also` names: what the press showed, no more."""
    rang = Page.objects.visible_to(request.user).reaching(request.user).filter(subject_key=page.subject_key)
    also = rang.filter(ref__in=request.POST.getlist("also")).exclude(pk=page.pk)
    return [page, *also.order_by("started_at", "pk")]


def _answered(request: HtmxRequest, page: Page) -> HttpResponse:
    """Browsers go to `next` if it is a path of ours, else to the page; HTMX hears pageChanged and any refusal."""
    if request.htmx:
        response = render(request, "_components/messages.html", {"oob": True})
        response["HX-Reswap"] = "none"
        return trigger(response, "pageChanged")
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    # A word that is no path would be taken for the name of a view.
    return redirect(wanted if ours and wanted.startswith("/") else page)
