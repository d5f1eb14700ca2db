"""Sections: edited one at a time, given back to the record, frozen at publication."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.errors import Conflict, InvalidInput, WrongState
from core.moments import show_moment
from incidents.models import Incident, TimelineEntry
from postmortems.actions.lock import lock_postmortem
from postmortems.enums import SectionKey
from postmortems.export.record import impact_body, timeline_lines
from postmortems.export.section import lines_body, render_section, show_lines
from postmortems.models import Section
from postmortems.permissions import check_can_write

LONGEST_SECTION = 200_000


@transaction.atomic
def edit_section(section: Section, *, by: Actor, now: datetime, body: str, revision: int) -> Section:
    """`section` says `body` (Markdown) from now on; rendered and sanitised once, here.

    `revision` is the one that the writer began with. A derived section stops following the record. An edit that
    changes no letter of a typed section changes nothing. Raises NotAllowed, WrongState when the document is final,
    InvalidInput for NUL or endless text, and Conflict when somebody else wrote in between: nothing is overwritten.
    """
    postmortem = lock_postmortem(section.postmortem)
    check_can_write(by, postmortem)
    section = Section.objects.select_for_update(of=("self",)).select_related("edited_by").get(pk=section.pk)
    body = check_body(body)
    if section.revision != revision:
        raise Conflict(somebody_else(section))
    if body == section.body and section.edited_at:
        return section
    section.body, section.html = body, render_section(section.key, body)
    section.edited_at, section.edited_by = now, by.user
    section.revision += 1
    section.save(update_fields=["body", "html", "edited_at", "edited_by", "revision"])
    return section


def check_body(body: str) -> str:
    """`body` with plain line ends and nothing around it. Raises InvalidInput for NUL and for endless text."""
    if "\x00" in body:
        raise InvalidInput("The text holds a character that cannot be kept (NUL).", field="body")
    if len(body) > LONGEST_SECTION:
        raise InvalidInput(
            f"The text has {len(body):,} characters and a section holds {LONGEST_SECTION:,}.", field="body"
        )
    return body.replace("\r\n", "\n").replace("\r", "\n").strip("\n").rstrip()


def somebody_else(section: Section) -> str:
    """The sentence of a conflict: who wrote, or gave it back to the record, and that nothing is lost."""
    if section.edited_at is None:
        return f"Somebody let “{section.heading}” follow the record again meanwhile. Nothing was overwritten."
    moment = show_moment(section.edited_at)
    return f"{section.edited_by} changed “{section.heading}” at {moment}, after you began. Nothing was overwritten."


@transaction.atomic
def follow_record_again(section: Section, *, by: Actor, now: datetime, revision: int) -> Section:
    """Give up the edit of a derived section: it is made from the record again.

    The edited text is gone. Raises NotAllowed, WrongState for a section that is typed or a document that is final,
    and Conflict when somebody else wrote in between.
    """
    postmortem = lock_postmortem(section.postmortem)
    check_can_write(by, postmortem)
    section = Section.objects.select_for_update(of=("self",)).select_related("edited_by").get(pk=section.pk)
    if not section.is_derived:
        raise WrongState(f"“{section.heading}” is typed by people; the record does not fill it.")
    if section.edited_at is None:
        return section
    if section.revision != revision:
        raise Conflict(somebody_else(section))
    section.body, section.html, section.edited_at, section.edited_by = "", "", None, None
    section.revision += 1
    section.save(update_fields=["body", "html", "edited_at", "edited_by", "revision"])
    return section


def derived_body(key: str, incident: Incident, entries: Sequence[TimelineEntry]) -> str:
    """What the record says in the derived section `key`, as Markdown."""
    return impact_body(incident) if key == SectionKey.IMPACT else lines_body(timeline_lines(entries))


def derived_html(key: str, incident: Incident, entries: Sequence[TimelineEntry]) -> str:
    """The same as HTML; entries of the timeline bring theirs, rendered when they were written."""
    if key == SectionKey.IMPACT:
        return render_section(key, impact_body(incident))
    return show_lines(timeline_lines(entries))


def freeze_section(section: Section, incident: Incident, entries: Sequence[TimelineEntry]) -> None:
    """Publication: a derived section that nobody edited keeps the record's words as its own text."""
    if not section.is_derived or section.edited_at is not None:
        return
    section.body = derived_body(section.key, incident, entries)
    section.html = derived_html(section.key, incident, entries)
    section.revision += 1
    section.save(update_fields=["body", "html", "revision"])
