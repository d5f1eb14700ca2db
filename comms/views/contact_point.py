"""How a person is reached: their own page, and an admin's look at anybody's."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from comms.actions.code import confirm_code, send_code
from comms.actions.contact_point import adopt_standard_chain, remove_contact_rule, set_contact_point, set_contact_rule
from comms.enums import Urgency
from comms.forms.contact_point import CodeForm, ContactPointForm, ContactRuleForm
from comms.models import ContactPoint, ContactRule
from comms.permissions import can_set_reach
from comms.queries.contact_point import person_reach
from core.errors import Refused
from core.htmx import HtmxRequest


@never_cache
@require_safe
def contact_point_list(request: HtmxRequest, handle: str) -> HttpResponse:
    """Addresses, chains as timelines, proofs and what is wrong, with every form."""
    return show_reach(request, person_to_reach(request, handle))


@require_POST
def contact_point_add(request: HtmxRequest, handle: str) -> HttpResponse:
    """One more address."""
    person = person_to_reach(request, handle)
    form = ContactPointForm(request.POST, instance=ContactPoint(user=person))
    if not form.is_valid():
        return show_reach(request, person, form)
    said = "Added. Send yourself its code now: until then it is used only where there is no other."
    return done(request, person, lambda: set_contact_point(form.instance, by=request.actor, now=timezone.now()), said)


@require_POST
def contact_point_change(request: HtmxRequest, handle: str, point: int) -> HttpResponse:
    """Another address or label for one that is there."""
    person = person_to_reach(request, handle)
    row = get_object_or_404(ContactPoint, user=person, pk=point)
    form = ContactPointForm({"transport": row.transport, **request.POST.dict()}, instance=row)
    if not form.is_valid():
        return refused(request, person, form)
    return done(request, person, lambda: set_contact_point(row, by=request.actor, now=timezone.now()), "Saved.")


@require_POST
def contact_point_switch(request: HtmxRequest, handle: str, point: int) -> HttpResponse:
    """On when it was off, off when it was on, as `to` says."""
    person = person_to_reach(request, handle)
    row = get_object_or_404(ContactPoint, user=person, pk=point)
    row.is_enabled = request.POST.get("to") == "on"
    said = f"{row.shown} is switched {'on' if row.is_enabled else 'off'}."
    return done(request, person, lambda: set_contact_point(row, by=request.actor, now=timezone.now()), said)


@require_POST
def contact_point_code(request: HtmxRequest, handle: str, point: int) -> HttpResponse:
    """Send a code there."""
    person = person_to_reach(request, handle)
    row = get_object_or_404(ContactPoint, user=person, pk=point)
    said = f"A code is on its way to {row.shown}. Type it below within 15 minutes."
    return done(request, person, lambda: send_code(row, by=request.actor, now=timezone.now()), said)


@require_POST
def contact_point_verify(request: HtmxRequest, handle: str, point: int) -> HttpResponse:
    """The code that arrived there."""
    person = person_to_reach(request, handle)
    row = get_object_or_404(ContactPoint, user=person, pk=point)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return refused(request, person, form)
    code = form.cleaned_data["code"]
    said = f"{row.shown} is verified."
    return done(request, person, lambda: confirm_code(row, by=request.actor, now=timezone.now(), code=code), said)


@require_POST
def contact_rule_add(request: HtmxRequest, handle: str) -> HttpResponse:
    """One more moment in a chain."""
    person = person_to_reach(request, handle)
    form = ContactRuleForm(request.POST, person=person)
    if not form.is_valid():
        return refused(request, person, form)
    rule = ContactRule(**form.cleaned_data)
    return done(request, person, lambda: set_contact_rule(rule, by=request.actor, now=timezone.now()), "Added.")


@require_POST
def contact_rule_remove(request: HtmxRequest, handle: str, rule: int) -> HttpResponse:
    """One moment less."""
    person = person_to_reach(request, handle)
    row = get_object_or_404(ContactRule, contact_point__user=person, pk=rule)
    return done(request, person, lambda: remove_contact_rule(row, by=request.actor, now=timezone.now()), "Removed.")


@require_POST
def contact_rule_adopt(request: HtmxRequest, handle: str, chain: str) -> HttpResponse:
    """The standard chain as rules of one's own, to be changed one by one."""
    person = person_to_reach(request, handle)
    if chain not in Urgency.values:
        raise Http404(f"There is no chain {chain}.")
    said = "This order is yours now: change it line by line."
    return done(
        request,
        person,
        lambda: adopt_standard_chain(person, by=request.actor, now=timezone.now(), chain=Urgency(chain)),
        said,
    )


def person_to_reach(request: HtmxRequest, handle: str) -> User:
    """The person of the page. Raises PermissionDenied for whoever may not say how they are reached."""
    person = get_object_or_404(User, handle=handle)
    if not can_set_reach(person, request.actor):
        raise PermissionDenied(f"Only {person} or an admin may see how {person} is reached.")
    return person


def show_reach(request: HtmxRequest, person: User, point_form: ContactPointForm | None = None) -> HttpResponse:
    """The page; with a form that was refused, its faults."""
    context = {
        "reach": person_reach(person, timezone.now()),
        "is_own": person == request.user,
        "point_form": point_form or ContactPointForm(instance=ContactPoint(user=person)),
        "rule_form": ContactRuleForm(person=person),
    }
    return render(request, "comms/contact_point/list.html", context, status=422 if point_form else 200)


def done(request: HtmxRequest, person: User, act: Callable[[], Any], said: str) -> HttpResponse:
    """Do it and say so, or say why not; then the page anew."""
    try:
        act()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("comms:contact-point-list", person.handle)


def refused(request: HtmxRequest, person: User, form: BaseForm) -> HttpResponse:
    """The first fault of a small form as a message; then the page anew."""
    messages.error(request, str(next(iter(form.errors.values()))[0]))
    return redirect("comms:contact-point-list", person.handle)
