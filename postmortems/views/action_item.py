"""Doors of action items: add, change, done, drop."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.htmx import HtmxRequest
from postmortems.actions.action_item import add_action_item, drop_action_item, edit_action_item, finish_action_item
from postmortems.forms.action_item import ActionItemForm, DropForm
from postmortems.queries.postmortem import people_to_name
from postmortems.views.document import Asked, carry_out, fetch


@require_POST
def action_item_add(request: HtmxRequest, reference: str) -> HttpResponse:
    """Add an action item."""
    postmortem = fetch(request, reference)
    form = ActionItemForm(request.POST, people=people_to_name(postmortem))

    def add() -> str:
        item = add_action_item(postmortem, by=request.actor, now=timezone.now(), **form.cleaned_data)
        return f"Action {item.number} is {item.owner}’s, due {item.due_on}."

    return carry_out(request, postmortem, add, form=form, asked=Asked(bound={"add": form}), anchor="action-items")


@require_POST
def action_item_edit(request: HtmxRequest, reference: str, number: int) -> HttpResponse:
    """Change an action item."""
    postmortem = fetch(request, reference)
    item = get_object_or_404(postmortem.action_items, number=number)
    form = ActionItemForm(request.POST, people=people_to_name(postmortem))

    def edit() -> str:
        edit_action_item(item, by=request.actor, now=timezone.now(), **form.item_fields)
        return f"Action {item.number} is changed."

    asked = Asked(item=str(number), bound={"item": form})
    return carry_out(request, postmortem, edit, form=form, asked=asked, anchor=f"action-{number}")


@require_POST
def action_item_done(request: HtmxRequest, reference: str, number: int) -> HttpResponse:
    """It is done."""
    postmortem = fetch(request, reference)
    item = get_object_or_404(postmortem.action_items, number=number)

    def finish() -> str:
        finish_action_item(item, by=request.actor, now=timezone.now())
        return f"Action {item.number} is done."

    return carry_out(request, postmortem, finish, anchor=f"action-{number}")


@require_POST
def action_item_drop(request: HtmxRequest, reference: str, number: int) -> HttpResponse:
    """It will not be done, and why."""
    postmortem = fetch(request, reference)
    item = get_object_or_404(postmortem.action_items, number=number)
    form = DropForm(request.POST)

    def drop() -> str:
        drop_action_item(item, by=request.actor, now=timezone.now(), reason=form.cleaned_data["reason"])
        return f"Action {item.number} is dropped."

    asked = Asked(drop=str(number), bound={"drop": form})
    return carry_out(request, postmortem, drop, form=form, asked=asked, anchor=f"action-{number}")
