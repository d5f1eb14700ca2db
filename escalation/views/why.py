"""Why somebody was told by a page, or was not: read from the rows of that time."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.models import User
from core.htmx import HtmxRequest
from escalation.models import Page
from escalation.queries.why import people_asked_about, why


@require_safe
def why_list(request: HtmxRequest, ref: str) -> HttpResponse:
    """About whom? Everybody in the rows of the page; `?who=` names anybody else."""
    page = get_object_or_404(Page.objects.visible_to(request.user), ref=ref)
    asked = request.GET.get("who", "").strip().removeprefix("@").lower()
    if found := User.objects.filter(handle=asked).first():
        return redirect("escalation:why-detail", ref, found.handle)
    context = {"page": page, "people": people_asked_about(page), "asked": asked}
    return render(request, "escalation/why/list.html", context, status=404 if asked else 200)


@require_safe
def why_detail(request: HtmxRequest, ref: str, handle: str) -> HttpResponse:
    """The answer in a sentence, and the chain of evidence."""
    pages = Page.objects.visible_to(request.user).select_related("policy", "service", "started_by", "acknowledged_by")
    page = get_object_or_404(pages, ref=ref)
    user = get_object_or_404(User, handle=handle)
    return render(request, "escalation/why/detail.html", {"why": why(page, user), "page": page})
