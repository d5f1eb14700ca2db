"""Doors of one section: save it, let it follow the record again."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.errors import Conflict
from core.htmx import HtmxRequest
from postmortems.actions.section import edit_section, follow_record_again
from postmortems.forms.section import SectionForm
from postmortems.models import Postmortem, Section
from postmortems.views.document import Asked, body_of, carry_out, fetch, record_of


@require_POST
def section_edit(request: HtmxRequest, reference: str, key: str) -> HttpResponse:
    """Save a section, or show the typed text back beside the reason why not, and what somebody else wrote."""
    postmortem = fetch(request, reference)
    section = get_object_or_404(postmortem.sections, key=key)
    form = SectionForm(request.POST)

    def save() -> str:
        try:
            edit_section(section, by=request.actor, now=timezone.now(), **form.cleaned_data)
        except Conflict:
            show_theirs(form, postmortem, section)
            raise
        return f"{section.heading} is saved."

    asked = Asked(edit=key, bound={"section": form})
    return carry_out(request, postmortem, save, form=form, asked=asked, anchor=f"section-{key}")


def show_theirs(form: SectionForm, postmortem: Postmortem, section: Section) -> None:
    """Put what somebody else wrote beside what was typed, from fresh rows."""
    section.refresh_from_db()
    _, entries = record_of(postmortem)
    form.meet(theirs=body_of(section, postmortem, entries), revision=section.revision)


@require_POST
def section_follow(request: HtmxRequest, reference: str, key: str) -> HttpResponse:
    """Give up the edit of a derived section."""
    postmortem = fetch(request, reference)
    section = get_object_or_404(postmortem.sections, key=key)
    sent = request.POST.get("revision", "")
    revision = int(sent) if sent.isdecimal() and len(sent) < 9 else -1

    def follow() -> str:
        follow_record_again(section, by=request.actor, now=timezone.now(), revision=revision)
        return f"{section.heading} follows the record again."

    return carry_out(request, postmortem, follow, anchor=f"section-{key}")
