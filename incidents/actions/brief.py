"""The executive brief: what those who answer for the whole are told, at the levels that owe it to them."""

from datetime import datetime

from accounts.actor import Actor
from core.errors import WrongState
from incidents.actions.channels import BRIEFS, answer_owed, answers, channels_of, hand_over
from incidents.actions.promise import make_promise_of_duty
from incidents.actions.text import words_for
from incidents.actions.timeline import write_entry
from incidents.enums import EntryKind, Occasion, PromiseKind, TextAudience
from incidents.export.texts import Said
from incidents.models import Duty, Incident, StatusUpdate


def post_brief(incident: Incident, update: StatusUpdate, *, by: Actor, now: datetime) -> None:
    """Make the brief of `update`, promise the next one, hand it to the channels of the level's duty.

    The incident is locked. The promise that it answers is done now and kept when it was handed over. Raises WrongState
    at a level that owes none.
    """
    if not Duty.objects.filter(level_id=incident.level_id, kind=PromiseKind.EXECUTIVE_BRIEF).exists():
        raise WrongState(f"{incident.level} owes no executive brief.")
    answered = answer_owed(incident, BRIEFS, by=by, now=now)
    upcoming = make_promise_of_duty(incident, PromiseKind.EXECUTIVE_BRIEF, now=now)
    next_by = upcoming.due_at if upcoming else None
    said = Said(update.text, update.impact, update.action or update.text, update.cause, update.eta)
    update.brief = words_for(TextAudience.EXECUTIVE, Occasion.UPDATE, incident, said, now=now, next_by=next_by)
    update.save(update_fields=["brief"])
    channels = channels_of(incident, PromiseKind.EXECUTIVE_BRIEF)
    facts = {"told": [channel.name for channel in channels]}
    write_entry(incident, by=by, now=now, text="Executive brief sent", kind=EntryKind.UPDATE, facts=facts)
    answers(answered, update)
    hand_over(update, update.brief, channels, now=now, event="executive_brief", next_by=next_by)
