"""Who would be told when, by what: before declaring, and on each escalation policy. It reads, and rings nobody."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.htmx import HtmxRequest, render_part
from escalation.models import Policy
from escalation.queries.lint import findings_of
from incidents.forms.dry_run import DryRunForm
from incidents.queries.declaration import declaration
from incidents.queries.dry_run import dry_run_of_level, dry_run_of_policy


@require_safe
def declare_preview(request: HtmxRequest) -> HttpResponse:
    """What a declaration would ring: `?level=`, `?service=` and `?at=`, the worst level and now unless given."""
    offer, now = declaration(), timezone.now()
    worst = offer.cards[0].level if offer else None
    asked = {"level": worst.name if worst else "", **request.GET.dict()}
    form = DryRunForm(asked, offer=offer, zone=request.user.zone)
    context = {"form": form, "at": now, "groups": None, "level": None}
    if form.is_valid() and offer and (level := offer.level_named(form.cleaned_data["level"] or asked["level"])):
        at = form.cleaned_data["at"] or now
        groups = dry_run_of_level(level, form.cleaned_data["service"], at)
        context |= {"level": level, "service": form.cleaned_data["service"], "at": at, "groups": groups}
    return render_part(request, "incidents/dry_run/detail.html", context, part="who-told")


@require_safe
def policy_list(request: HtmxRequest) -> HttpResponse:
    """Every escalation policy."""
    policies = Policy.objects.select_related("last_resort").prefetch_related("services")
    return render(request, "incidents/dry_run/policies.html", {"policies": policies})


@require_safe
def policy_detail(request: HtmxRequest, policy: str) -> HttpResponse:
    """One policy, and whom it would ring at `?level=` (any) and `?at=` (now)."""
    found, now = get_object_or_404(Policy.objects.select_related("last_resort"), slug=policy), timezone.now()
    offer = declaration()
    form = DryRunForm(request.GET, offer=offer, zone=request.user.zone, of_policy=True)
    context, at = {"policy": found, "form": form, "run": None}, now
    if form.is_valid():
        level = offer.level_named(form.cleaned_data["level"]) if offer and form.cleaned_data["level"] else None
        at = form.cleaned_data["at"] or now
        context |= {"level": level, "run": dry_run_of_policy(found, level=level, at=at)}
    context |= {"at": at, "findings": findings_of(found, at, request.user.zone if at != now else None)}
    return render_part(request, "incidents/dry_run/policy.html", context, part="would-be-told")
