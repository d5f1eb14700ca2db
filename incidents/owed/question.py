"""The questions of flags that nobody has answered."""

from datetime import datetime

from django.urls import reverse

from incidents.enums import FlagAsked, IncidentStatus, RoleKind
from incidents.owed.facts import IncidentFacts, Question
from incidents.owed.row import OwedRow, row_of


def asked_now(facts: IncidentFacts) -> list[Question]:
    """While it goes on, those for the first minutes, one after the other; once it is resolved, all the others."""
    if facts.incident.is_open:
        return [row for row in facts.questions if row.asked == FlagAsked.TRIAGE][:1]
    is_resolved = facts.incident.status == IncidentStatus.RESOLVED
    return [row for row in facts.questions if row.asked == FlagAsked.AFTER and is_resolved]


def question_row(facts: IncidentFacts, question: Question, now: datetime) -> OwedRow:
    """A flag's question, like “Is data at risk?”: yes raises the flag, no is on record."""
    args = [facts.incident.reference, question.slug]
    yes, no = (reverse(f"incidents:flag-{verb}", args=args) for verb in ("raise", "lower"))
    verbs = {"verb": "Yes", "url": yes, "posts": True, "more": (("No", no),)}
    is_after = question.asked == FlagAsked.AFTER
    return row_of(
        now,
        key=question.key,
        what=question.words,
        detail="asked before it is closed" if is_after else "asked at triage",
        tone="soon",
        owner=RoleKind.COMMANDER.value if is_after else "",
        **(verbs if facts.may_answer else {"verb": "", "url": ""}),
    )
