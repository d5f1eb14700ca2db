"""Declare: people decided that it matters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Audience
from comms.enums import MessageKind
from core.errors import InvalidInput
from core.live import gathered
from core.moments import organisation_zone
from core.prepared import insert_all
from core.signals import announce
from escalation.models import Service
from escalation.queries.oncall import asked_together
from incidents.actions.audience import begin_private
from incidents.actions.channels import OWED
from incidents.actions.checklist.item import add_level_items
from incidents.actions.escalation import arm_matrix
from incidents.actions.everyone import tell_everyone
from incidents.actions.message import tell_first
from incidents.actions.paging import page_groups_of_level
from incidents.actions.promise import make_first_promises
from incidents.actions.runbook import take_up
from incidents.actions.seat import backup_at, open_team
from incidents.actions.submission import claim_declaration
from incidents.actions.text import words_for
from incidents.actions.timeline import write_entry
from incidents.enums import ChatMode, CommanderRule, EntryKind, IncidentStatus, Occasion, RoleKind, TextAudience
from incidents.export.texts import Said
from incidents.models import Incident, Level, RoleAssignment, Runbook
from incidents.models.incident import DRILL
from incidents.permissions import check_can_declare
from incidents.queries.incident import at_hand
from incidents.queries.seats import Opening, opening_of
from incidents.queries.texts import channel_with_texts
from incidents.signals import incident_declared

LONGEST_SUMMARY = 200


@transaction.atomic
@gathered(rows=True)
def declare_incident(
    *,
    by: Actor,
    now: datetime,
    level: Level,
    summary: str,
    service: Service | None = None,
    runbook: Runbook | None = None,
    is_private: bool = False,
    is_drill: bool = False,
    submission_key: UUID | None = None,
) -> Incident:
    """Open the record, ring everybody whom the level names, make its promises, all in one commit.

    Private from the beginning, by wish or because the flag of the `runbook` says so, it tells no channel at all, and
    not everybody. The same `submission_key` again returns the incident that it declared. Announces incident_declared
    last. Raises InvalidInput for an empty or endless summary or a runbook of another policy, NotAllowed for a token
    that only reads.
    """
    check_can_declare(by)
    summary = check_summary(summary)
    submission = claim_declaration(submission_key, by=by, now=now)
    if submission and submission.was_here_before and submission.incident:
        return submission.incident
    opening = opening_of(level, service)
    about = {"level": level, "summary": summary, "service": service, "is_drill": is_drill}
    why_private = _why_private(level, runbook, is_private=is_private)
    pk = submission.incident_id if submission else None
    incident = _open_record(by=by, now=now, number=opening.newest + 1, why_private=why_private, pk=pk, **about)
    _set_going(incident, opening, runbook, by=by, now=now)
    announce(incident_declared, Incident, incident=incident, by=by, now=now)
    return incident


def _set_going(incident: Incident, opening: Opening, runbook: Runbook | None, *, by: Actor, now: datetime) -> None:
    """The response: pages first, so that nobody waits for bookkeeping, then who needs no answer to command or help.

    Then the promises, the checklist, the matrix, the runbook of its scenario, the thread in the standing channel, and
    a notice to everybody where the level says so.
    """
    with asked_together(opening.schedules):
        with at_hand(incident):
            page_groups_of_level(incident, by=by, now=now, by_machine=by.is_muster, roles={}, groups=opening.groups)
        team = open_team(incident, by=by, now=now, opening=opening)
    promises = make_first_promises(incident, now=now, of_level=opening.duties)
    add_level_items(incident, now=now, is_new=True)
    arm_matrix(incident, now=now, rules=opening.rules)
    if runbook:
        take_up(incident, runbook, by=by, now=now)
    next_by = min((one.due_at for one in promises if one.kind in OWED), default=None)
    open_thread(incident, now=now, by=by, team=None if runbook else team, next_by=next_by)
    tell_everyone(incident, by=by, now=now)


def check_summary(summary: str) -> str:
    """One line of at most 200 characters. Raises InvalidInput."""
    summary = " ".join(summary.split())
    if not summary:
        raise InvalidInput("Say in one line what is wrong.", field="summary")
    if "\x00" in summary:
        raise InvalidInput("The summary holds a character that cannot be kept (NUL).", field="summary")
    if len(summary) > LONGEST_SUMMARY:
        raise InvalidInput(
            f"The summary has {len(summary)} characters; one line holds {LONGEST_SUMMARY}. Put the rest in the room.",
            field="summary",
        )
    return summary


def _why_private(level: Level, runbook: Runbook | None, *, is_private: bool) -> str:
    """Why nobody else may see it from the beginning; empty when everybody may. Raises InvalidInput."""
    if runbook and runbook.version_id != level.version_id:
        raise InvalidInput(f"The runbook “{runbook}” is of another policy than {level}.", field="runbook")
    if is_private:
        return "it was declared so"
    hiding = level.version.flags.filter(slug=runbook.flag, makes_private=True).first() if runbook else None
    return f"the runbook “{runbook}” raises the flag “{hiding}”" if hiding else ""


def _open_record(*, by: Actor, now: datetime, number: int, why_private: str, **about: Any) -> Incident:
    """The row with its first entries; private from here on when there is a reason.

    Where the level's rule waits for an answer the backup is waited for at once; else when the rule finds nobody.
    """
    waits_for_answer = about["level"].commander_rule == CommanderRule.FIRST_ANSWER
    incident = Incident(
        number=number,
        reference=f"INC-{now.astimezone(organisation_zone()):%Y%m%d}-{number:04}",
        status=IncidentStatus.INVESTIGATING,
        audience=Audience.objects.create() if why_private else None,
        declared_at=now,
        declared_by=by.user,
        last_activity_at=now,
        commander_wake_at=backup_at(about["level"], now) if waits_for_answer else None,
        **about,
    )
    insert_all([incident])
    level, service = incident.level, incident.service
    who = f"@{by.user.handle} declared" if by.user else "Declared"
    text = f"{who} {level.name}: {DRILL if incident.is_drill else ''}{incident.summary}"
    text += f" · {service.slug}" if service else ""
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.DECLARED, facts={"level": level.name})
    if why_private:
        begin_private(incident, by=by, now=now, reason=why_private)
    return incident


def open_thread(
    incident: Incident,
    *,
    now: datetime,
    by: Actor,
    team: Sequence[RoleAssignment] | None = None,
    next_by: datetime | None = None,
) -> None:
    """What the level opens in chat: a thread titled `[SEV2] summary` in the standing channel, or a room of its own.

    Nothing for a private one. `team` are all who hold a role, where that is known; `next_by` is when the next words
    are promised.
    """
    level = incident.level
    if level.chat_mode == ChatMode.NONE or incident.audience_id is not None:
        return
    channel, texts = channel_with_texts(incident, Occasion.DECLARED)
    if channel is None:
        text = f"No thread was opened: there is no channel called “{level.chat_channel}”."
        write_entry(incident, by=by, now=now, text=text, kind=EntryKind.STATUS)
        return
    title = f"[{level.name}] {DRILL if incident.is_drill else ''}{incident.summary}"
    asked: dict[str, Any] = {"texts": texts, "people": _people(team), "next_by": next_by}
    room = f"incident-{incident.reference.removeprefix('INC-')}" if level.chat_mode == ChatMode.ROOM else ""
    tell_first(
        incident,
        channel,
        now=now,
        kind=MessageKind.THREAD,
        dedup_key=f"thread:{incident.reference}",
        subject=title,
        body=words_for(TextAudience.INTERNAL, Occasion.DECLARED, incident, Said(), now=now, **asked),
        title=title,
        room=room,
        event="declared",
    )


def _people(team: Sequence[RoleAssignment] | None) -> tuple[str, str] | None:
    """Who commands, and everybody who holds a role, in words; None where nobody has asked yet."""
    if team is None:
        return None
    commander = next((str(row.user) for row in team if row.kind == RoleKind.COMMANDER), "")
    return commander, ", ".join(dict.fromkeys(str(row.user) for row in team))
