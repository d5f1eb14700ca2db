"""Doors of the review: ask people, approve."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.htmx import HtmxRequest
from postmortems.actions.review import approve_postmortem, ask_review
from postmortems.forms.review import ApprovalForm, ReviewForm
from postmortems.queries.postmortem import people_to_name
from postmortems.views.document import Asked, carry_out, fetch


@require_POST
def postmortem_review(request: HtmxRequest, reference: str) -> HttpResponse:
    """Ask named people to review it."""
    postmortem = fetch(request, reference)
    form = ReviewForm(request.POST, people=people_to_name(postmortem))

    def ask() -> str:
        reviewers = list(form.cleaned_data["reviewers"])
        ask_review(postmortem, by=request.actor, now=timezone.now(), reviewers=reviewers)
        return f"Asked {', '.join(map(str, reviewers))} to review it."

    return carry_out(request, postmortem, ask, form=form, asked=Asked(bound={"review": form}))


@require_POST
def postmortem_approve(request: HtmxRequest, reference: str) -> HttpResponse:
    """A reviewer finds it good."""
    postmortem = fetch(request, reference)
    form = ApprovalForm(request.POST)

    def approve() -> str:
        approve_postmortem(postmortem, by=request.actor, now=timezone.now(), note=form.cleaned_data["note"])
        return "Your approval is recorded."

    return carry_out(request, postmortem, approve, form=form, asked=Asked(bound={"approval": form}))
