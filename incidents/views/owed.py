"""What is owed as one room shows it, with the doors behind its verbs, and what of it holds the closing."""

from django.urls import reverse

from incidents.enums import Gate
from incidents.models import Incident
from incidents.owed import IncidentFacts, OwedRow, RingingPage, holds_close
from incidents.queries.owed import facts_with
from incidents.queries.room import Room
from incidents.queries.work import open_tasks
from incidents.views import looks


def facts_of(found: Room, may_act: bool) -> IncidentFacts:
    """What owed() looks at, and the doors behind its verbs."""
    incident, mine = found.incident, [line.page for line in found.to_answer]
    urls = {"postmortem": postmortem_url(incident), "hand_over": "#handover" if found.you_command else "#takeover"}
    if may_act and found.commander_role:
        urls["take_command"] = reverse("incidents:role-take", args=[incident.reference, found.commander_role])
    # What maintenance holds asks for nobody's answer yet.
    pages = [looks.ringing(line, found.now) for line in found.ringing if not line.is_held]
    return facts_with(
        incident,
        promises=found.promises,
        held=found.held,
        here=[user.pk for user in found.here],
        is_offered=any(offer.role == found.commander_role for offer in found.offers),
        action_urls=urls,
        parts=found.checklist,
        may_answer=may_act,
        pages=[
            RingingPage(
                ref=row.page.ref,
                group=row.page.group,
                next_at=row.next_at,
                next_name=row.next_name,
                is_exhausted=row.is_exhausted,
                answer_url=reverse("escalation:page-acknowledge", args=[row.page.ref]) if row.page in mine else "",
                ring_next_url=reverse("escalation:page-ring-next", args=[row.page.ref]),
            )
            for row in pages
        ],
    )


def postmortem_url(incident: Incident) -> str:
    """The page of an upper app, known here by its address alone."""
    return f"/postmortems/{incident.reference}/"


def close_sentences(room: Room) -> list[str]:
    """Everything for which closing now needs a reason, and every task that is dropped with it."""
    rows = holds_close(facts_of(room, may_act=False), room.now)
    return [*map(_owed_sentence, rows), *looks.check_sentences(room, Gate.CLOSE), *drop_sentences(room)]


def _owed_sentence(row: OwedRow) -> str:
    owner = f" ({row.owner})" if row.owner else ""
    return f"Still owed: {row.what}{owner}; closing now needs a reason."


def drop_sentences(room: Room) -> list[str]:
    """Every open task, which ends when the record does."""
    return [f"Dropped with it, the task of @{task.owner.handle}: {task.text}" for task in open_tasks(room.incident)]
