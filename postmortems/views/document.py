"""One document on screen: assembled from the record and from what people wrote; every door of it answers with this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import User
from core.errors import Conflict, InvalidInput, Refused
from core.htmx import HtmxRequest, go, render_part
from incidents.models import TimelineEntry
from postmortems.actions.postmortem import still_to_do
from postmortems.actions.section import derived_body, derived_html
from postmortems.contradictions import BlameHint, blame_in
from postmortems.enums import SectionKey
from postmortems.export.record import Head, read_head
from postmortems.forms.action_item import ActionItemForm, DropForm
from postmortems.forms.review import ApprovalForm, ReviewForm
from postmortems.forms.section import SectionForm
from postmortems.models import ActionItem, Postmortem, Review, Section
from postmortems.permissions import can_approve, can_follow_up, can_write
from postmortems.queries.postmortem import entries_of, last_edit_at, people_to_name, whole_postmortems

TEMPLATE = "postmortems/postmortem/detail.html"
PART = "postmortem-document"
ASKS = {
    SectionKey.SUMMARY: "Two or three sentences: what broke, who was affected, how we fixed it.",
    SectionKey.IMPACT: "A list: customers affected, user-visible symptom, data integrity, revenue impact.",
    SectionKey.TIMELINE: "A list, oldest first: “- 14:15 CEST — what happened”.",
    SectionKey.ROOT_CAUSE: "What actually caused it, explained so that a new colleague would understand it.",
    SectionKey.WENT_WELL: "A list: what helped.",
    SectionKey.WENT_POORLY: "A list: what cost time or made it worse.",
}


@dataclass
class SectionShown:
    """One section as it is shown: its HTML, the Markdown behind it, and its form while it is edited."""

    section: Section
    html: str
    body: str
    ask: str
    form: SectionForm | None = None
    hints: list[BlameHint] = field(default_factory=list)


@dataclass
class ItemShown:
    """One action item, and the form that is open beside it."""

    item: ActionItem
    edit_form: forms.Form | None = None
    drop_form: forms.Form | None = None


@dataclass
class ReviewShown:
    """One review; `is_older` when the words changed after the approval."""

    review: Review
    is_older: bool


@dataclass
class Asked:
    """What the address or a refused form asks to be open: `edit` a section, `item`, `drop` an action item."""

    edit: str = ""
    item: str = ""
    drop: str = ""
    quiet: bool = False
    bound: Mapping[str, forms.Form] = field(default_factory=dict)


def fetch(request: HtmxRequest, reference: str) -> Postmortem:
    """The document of the incident `reference`, as far as this person may know of it."""
    found: Postmortem = get_object_or_404(whole_postmortems().visible_to(request.user), incident__reference=reference)
    return found


def asked_by(request: HtmxRequest) -> Asked:
    """What the address asks to be open."""
    asked = request.GET
    return Asked(
        edit=asked.get("edit", ""),
        item=asked.get("item", ""),
        drop=asked.get("drop", ""),
        quiet=asked.get("hints") == "off",
    )


def record_of(postmortem: Postmortem) -> tuple[Head, list[TimelineEntry]]:
    """The head and the timeline: as they were published, else as the record has them now."""
    if postmortem.record:
        return Head.from_json(postmortem.record), []
    entries = entries_of(postmortem.incident)
    return read_head(postmortem.incident, entries), entries


def body_of(section: Section, postmortem: Postmortem, entries: list[TimelineEntry]) -> str:
    """The Markdown of `section`, made from the record while it follows it."""
    if section.follows_record:
        return derived_body(section.key, postmortem.incident, entries)
    return section.body


def shown(section: Section, postmortem: Postmortem, entries: list[TimelineEntry], asked: Asked) -> SectionShown:
    """`section` ready for the page."""
    body = body_of(section, postmortem, entries)
    follows = body != section.body and section.edited_at is None
    html = derived_html(section.key, postmortem.incident, entries) if follows else section.html
    row = SectionShown(section, html, body, ASKS.get(SectionKey(section.key), ""))
    if asked.edit == section.key:
        form = asked.bound.get("section")
        row.form = (
            form
            if isinstance(form, SectionForm)
            else SectionForm(initial={"body": body, "revision": section.revision})
        )
    return row


def context_of(request: HtmxRequest, postmortem: Postmortem, asked: Asked) -> dict[str, Any]:
    """All that the page shows, in a fixed number of queries but for the timeline's length."""
    head, entries = record_of(postmortem)
    may_write = can_write(request.actor, postmortem)
    if not may_write and "section" not in asked.bound:
        asked.edit = ""
    sections = [shown(section, postmortem, entries, asked) for section in postmortem.sections.all()]
    if may_write and not asked.quiet:
        hints = blame_in((row.section.key, row.section.body) for row in sections)
        for row in sections:
            row.hints = [hint for hint in hints if hint.section == row.section.key]
    changed_at = last_edit_at(postmortem)
    reviews = [
        ReviewShown(review, bool(review.approved_at and changed_at and review.approved_at < changed_at))
        for review in postmortem.reviews.all()
    ]
    return {
        "postmortem": postmortem,
        "head": head,
        "sections": sections,
        "reviews": reviews,
        "approved": sum(row.review.approved_at is not None for row in reviews),
        "may_write": may_write,
        "may_approve": can_approve(request.actor, postmortem),
        "to_do": still_to_do(postmortem) if may_write else [],
        **actions_context(request, postmortem, asked),
    }


def actions_context(request: HtmxRequest, postmortem: Postmortem, asked: Asked) -> dict[str, Any]:
    """Action items and the forms beside them."""
    may_follow_up = can_follow_up(request.actor, postmortem)
    people = people_to_name(postmortem) if may_follow_up else None
    return {
        "items": [item_shown(item, asked, people) for item in postmortem.action_items.all()],
        "may_follow_up": may_follow_up,
        "add_form": asked.bound.get("add") or (people is not None and ActionItemForm(people=people)),
        "review_form": asked.bound.get("review")
        or (people is not None and ReviewForm(people=people.exclude(pk=postmortem.author_id or 0))),
        "approval_form": asked.bound.get("approval") or ApprovalForm(),
    }


def item_shown(item: ActionItem, asked: Asked, people: QuerySet[User] | None) -> ItemShown:
    """`item` with the form that is asked for: to change it or to drop it."""
    row = ItemShown(item)
    number = str(item.number)
    if asked.item == number and "item" in asked.bound:
        row.edit_form = asked.bound["item"]
    elif asked.item == number and people is not None and item.is_open:
        initial = {"text": item.text, "owner": item.owner.handle, "due_on": item.due_on}
        row.edit_form = ActionItemForm(initial=initial, people=people)
    if asked.drop == number and "drop" in asked.bound:
        row.drop_form = asked.bound["drop"]
    elif asked.drop == number and people is not None and item.is_open:
        row.drop_form = DropForm()
    return row


def show(request: HtmxRequest, postmortem: Postmortem, asked: Asked, *, status: int = 200) -> HttpResponse:
    """The page, or for HTMX the document alone."""
    answer = render_part(request, TEMPLATE, context_of(request, postmortem, asked), part=PART)
    answer.status_code = status
    return answer


def carry_out(
    request: HtmxRequest,
    postmortem: Postmortem,
    act: Callable[[], str],
    *,
    form: forms.Form | None = None,
    asked: Asked | None = None,
    anchor: str = "",
) -> HttpResponse:
    """Do `act`, which returns what to say, and show the document from fresh rows; or show why not, nothing lost.

    What was typed wrongly, or what somebody else wrote first, stands beside the field, in the document as `asked`
    opens it. Any other refusal becomes a message on top, and the `form` is shown again all the same.
    """
    reference = postmortem.incident.reference
    done = form is None
    if form is None or form.is_valid():
        try:
            messages.success(request, act())
            done = True
        except (InvalidInput, Conflict) as refusal:
            place(refusal, form) if form else messages.error(request, str(refusal))
        except Refused as refusal:
            messages.error(request, str(refusal))
    if not done:
        return show(request, fetch(request, reference), asked or Asked(), status=422)
    if request.htmx:
        return show(request, fetch(request, reference), Asked())
    return go(request, reverse("postmortems:postmortem-detail", args=[reference]) + (f"#{anchor}" if anchor else ""))


def place(refusal: InvalidInput | Conflict, form: forms.Form) -> None:
    """Put the sentence beside the field at fault, or above the form."""
    named = refusal.field if isinstance(refusal, InvalidInput) else ""
    form.add_error(named if named in form.fields else None, str(refusal))
