"""One line, and what it means: a note, a note dated back, or a command."""

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from core.moments import organisation_zone, parse_moment, parse_to_come, show_clock
from escalation.models import Policy
from incidents.actions.attachment import put_files, words_of_files
from incidents.actions.checklist.check import fail_check, tick_item
from incidents.actions.customer_report import add_report
from incidents.actions.decision import make_decision
from incidents.actions.flag import lower_flag, raise_flag
from incidents.actions.handover import give_role
from incidents.actions.hypothesis import add_hypothesis
from incidents.actions.mitigation import start_mitigation
from incidents.actions.paging import page_people, page_policy
from incidents.actions.responder import join_incident
from incidents.actions.runbook import take_up_runbook
from incidents.actions.severity import change_level
from incidents.actions.status import STEPS, change_status, resolve_incident, stop_bleeding
from incidents.actions.status_update import post_status_update
from incidents.actions.sub_team import set_sub_team
from incidents.actions.submission import claim_submission
from incidents.actions.task import give_task
from incidents.actions.timeline import add_entry
from incidents.models import Handover, Incident, TimelineEntry
from incidents.permissions import check_can_respond

DATED = re.compile(r"^~?(?P<moment>\d{1,2}:\d{2}(?::\d{2})?|-\d{1,4}\s?(?:s|min|m|h))(?:\s+(?P<rest>.*))?$", re.DOTALL)

WITHIN = re.compile(r"^(?P<moment>\d{1,2}:\d{2}|\d{1,4}\s?(?:min|m|h))\s+(?P<rest>\S.*)$", re.DOTALL)


@dataclass(frozen=True)
class Posted:
    """What a line did: the entry that it wrote, if it was a note, and a sentence for the one who typed it."""

    entry: TimelineEntry | None
    said: str


@transaction.atomic
def post_line(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    line: str,
    files: Sequence[UploadedFile] = (),
    submission_key: UUID | None = None,
) -> Posted:
    """Carry out one line of the composer; `files` are put beside its note, which may be nothing but them.

    `14:15 text` and `-10m text` date a note back, in the writer's zone, both times kept; `~14:15` means about then.
    `/command` does what COMMANDS
    says; `//text` is a note that begins with a slash; everything else is a note. The same `submission_key` again does
    nothing. Raises Refused with a sentence, and then nothing was written.
    """
    check_can_respond(by, incident)
    submission = claim_submission(submission_key, by=by, now=now, incident=incident)
    if submission and submission.was_here_before:
        return Posted(None, "Posted already.")
    line = line.strip()
    if line.startswith("/") and not line.startswith("//"):
        if files:
            raise InvalidInput("A command takes no file; post the file with a note, or alone.", field="line")
        return _run(incident, by=by, now=now, line=line)
    moment, text = split_moment(line, by=by, now=now)
    if text.startswith("//"):
        text = text[1:]
    elif moment and text.startswith("/"):
        raise InvalidInput("A command happens now; leave out the time, or write // for a note.", field="line")
    elif not text and files:
        text = words_of_files(files)
    is_about = moment is not None and line.startswith("~")
    entry = add_entry(incident, by=by, now=now, text=text, happened_at=moment, is_about=is_about)
    put_files(entry, by=by, now=now, files=files)
    about = "about " if is_about else ""
    return Posted(entry, f"Noted at {about}{show_clock(moment)}." if moment else "Noted.")


def split_moment(line: str, *, by: Actor, now: datetime) -> tuple[datetime | None, str]:
    """`14:15 text` as that moment in the writer's zone, and the text. Raises InvalidInput for a time without words."""
    match = DATED.match(line)
    if match is None:
        return None, line
    zone = by.user.zone if by.user else organisation_zone()
    moment = parse_moment(match["moment"].replace(" ", ""), now=now, zone=zone)
    rest = (match["rest"] or "").strip()
    if not rest:
        raise InvalidInput(f"What happened at {show_clock(moment, zone)}? Write it behind the time.", field="line")
    return moment, rest


def _run(incident: Incident, *, by: Actor, now: datetime, line: str) -> Posted:
    word, _, rest = line[1:].partition(" ")
    command = COMMANDS.get(word.lower())
    if command is None:
        known = " ".join(f"/{name}" for name in COMMANDS)
        raise InvalidInput(
            f"There is no command /{word}; there are {known}. For a note, write //{word}.", field="line"
        )
    return Posted(None, command.run(incident, by, now, rest.strip()))


def _status(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    word, _, text = rest.partition(" ")
    status = word.lower()
    if status not in STEPS:
        known = ", ".join(STEPS)
        raise InvalidInput(f"“{word}” is no status; write /status and one of {known}.", field="line")
    if text.strip():
        post_status_update(incident, by=by, now=now, text=text, status=status)
        return f"Status update posted: {status}."
    change_status(incident, by=by, now=now, status=status)
    return f"Status: {status}."


def _update(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    update = post_status_update(incident, by=by, now=now, text=rest)
    return (
        f"Status update posted; next by {show_clock(update.next_by)}." if update.next_by else "Status update posted."
    )


def _severity(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    word, _, reason = rest.partition(" ")
    levels = {level.name.lower(): level for level in incident.level.version.levels.all()}
    if word.lower() not in levels:
        known = ", ".join(level.name for level in levels.values())
        raise InvalidInput(f"“{word}” is no level here; write /sev and one of {known}.", field="line")
    level = levels[word.lower()]
    said = f"{'Raised' if level.rank < incident.level.rank else 'Lowered'} to {level}"
    change = change_level(incident, by=by, now=now, level=level, reason=reason)
    return f"{said}." if change.settled_at else f"{said}; it rings in 10 s, until then you can take it back."


def _role(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    words = rest.split()
    if len(words) not in {1, 2}:
        raise InvalidInput("Write /role, the role, and who holds it: /role commander @ana.", field="line")
    user = find_person(words[1]) if len(words) == 2 else by.user
    if user is None:
        raise InvalidInput("Say who holds the role: /role commander @ana.", field="line")
    given = give_role(incident, by=by, now=now, role=words[0], user=user)
    if isinstance(given, Handover):
        return f"Offered to {user}; it is theirs once they accept."
    return f"{user} is {given.name.lower()}."


def _take(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    words = rest.split()
    if len(words) != 2 or by.user is None:
        raise InvalidInput("Write /take, the role, and who has it now: /take commander @ana.", field="line")
    holder = find_person(words[1])
    given = give_role(incident, by=by, now=now, role=words[0], user=by.user, takes_from=holder)
    return f"You are {given.name.lower()}."


def _join(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    if rest:
        raise InvalidInput("Write /join alone: it says that you are here too.", field="line")
    join_incident(incident, by=by, now=now)
    return "You are here too."


def _team(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    words = rest.replace(",", " ").split()
    if not words:
        raise InvalidInput("Write /team, its name and its people, the lead first: /team database @jens.", field="line")
    people = [find_person(word) for word in words[1:]]
    team = set_sub_team(incident, by=by, now=now, name=words[0], people=people)
    return f"{team.lead} leads {team.name}." if team else f"{words[0]} is dissolved."


def _page(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    words = rest.replace(",", " ").split()
    if len(words) == 1 and not words[0].startswith("@"):
        policy = Policy.objects.filter(slug=words[0]).first()
        if policy:
            page_policy(incident, by=by, now=now, policy=policy)
            return f"Ringing {policy}."
    page = page_people(incident, by=by, now=now, people=[find_person(word) for word in words])
    return f"Ringing {page.group}."


def _resolve(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    resolve_incident(incident, by=by, now=now, reason=rest)
    return "Resolved."


def _stopped(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    if rest:
        raise InvalidInput("Write /stopped alone; put what stopped it in a note.", field="line")
    stop_bleeding(incident, by=by, now=now)
    return "Bleeding stopped."


def _flag(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    word, _, verb = rest.partition(" ")
    if verb.strip().lower() in {"no", "off", "down"}:
        return f"{lower_flag(incident, by=by, now=now, flag=word).name}: no."
    if verb.strip():
        raise InvalidInput("Write /flag and its name; with “no” behind it to lower it.", field="line")
    return f"Flag raised: {raise_flag(incident, by=by, now=now, flag=word).name}."


def _runbook(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    return f"Took up the runbook: {take_up_runbook(incident, by=by, now=now, runbook=rest).runbook}."


def _task(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    name, _, rest = rest.partition(" ")
    if not name.startswith("@"):
        raise InvalidInput(
            "Write /task, the person, and what is to do: /task @jens 10m roll back to 1.4.", field="line"
        )
    owner = find_person(name)
    due_at, text = _split_within(rest, by=by, now=now)
    give_task(incident, by=by, now=now, text=text, owner=owner, due_at=due_at)
    return f"{owner} is asked{_until(due_at)}."


def _hypothesis(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    add_hypothesis(incident, by=by, now=now, text=rest)
    return "Put forward."


def _decide(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    check_at, text = _split_within(rest, by=by, now=now)
    make_decision(incident, by=by, now=now, text=text, check_at=check_at)
    return f"Written down; looked at again{_until(check_at)}." if check_at else "Written down."


def _fix(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    """`/fix rollback release=api revision=4` takes one of the catalogue, anything else is in the writer's words."""
    word, _, tail = rest.strip().partition(" ")
    known = {row.slug for row in incident.level.version.mitigations.all()}
    if word not in known:
        row = start_mitigation(incident, by=by, now=now, name=rest)
    else:
        values = dict(part.split("=", 1) for part in _words_of(tail) if "=" in part)
        row = start_mitigation(incident, by=by, now=now, option=word, values=values)
    return f"Begun: {row.name}." if row else "Begun already."


def _report(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    add_report(incident, by=by, now=now, note=rest)
    return "Counted."


def _tick(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    number, note = _split_number(rest)
    return f"Ticked: {tick_item(incident, by=by, now=now, number=number, note=note)}."


def _failed(incident: Incident, by: Actor, now: datetime, rest: str) -> str:
    number, note = _split_number(rest)
    return f"Failed: {fail_check(incident, by=by, now=now, number=number, note=note)}."


def _split_number(rest: str) -> tuple[int, str]:
    """`3 words` as the number of an item and the words. Raises InvalidInput without a number."""
    word, _, note = rest.partition(" ")
    if not word.isdecimal() or len(word) > 4:
        raise InvalidInput("Say which item, by its number: /tick 3. Typing words behind /tick finds it.", field="line")
    return int(word), note


def _words_of(text: str) -> list[str]:
    """Words as a shell reads them, so that quotes keep a value with spaces together. Raises InvalidInput."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise InvalidInput("A quotation mark is open.", field="line") from error


def _split_within(rest: str, *, by: Actor, now: datetime) -> tuple[datetime | None, str]:
    """`10m text` and `14:45 text` as that moment to come, in the writer's zone, and the text."""
    match = WITHIN.match(rest)
    if match is None:
        return None, rest
    zone = by.user.zone if by.user else organisation_zone()
    return parse_to_come(match["moment"], now=now, zone=zone), match["rest"]


def _until(moment: datetime | None) -> str:
    return f" by {show_clock(moment)}" if moment else ""


def find_person(word: str) -> User:
    """The active person called `@ana` or `ana`. Raises InvalidInput, with those whose handle begins alike."""
    handle = word.removeprefix("@").lower()
    person = User.objects.filter(handle=handle, is_active=True).first()
    if person:
        return person
    alike = User.objects.filter(is_active=True, handle__startswith=handle[:2])[:3] if handle else []
    hint = f" Did you mean {' or '.join(str(user) for user in alike)}?" if alike else ""
    raise InvalidInput(f"There is nobody called @{handle} here.{hint}", field="line")


@dataclass(frozen=True)
class Command:
    """A word behind the slash: what completion shows, and what it does. `run` returns a sentence for the writer."""

    usage: str
    does: str
    run: Callable[[Incident, Actor, datetime, str], str]


COMMANDS: dict[str, Command] = {
    "status": Command("/status identified", "step to a status; with words behind it, a status update", _status),
    "update": Command("/update words", "post a status update", _update),
    "sev": Command("/sev SEV1", "raise, or lower with a reason behind it", _severity),
    "role": Command("/role commander @ana", "give a role; without a name, take it", _role),
    "take": Command("/take commander @ana", "take a role from whoever has it now", _take),
    "join": Command("/join", "say that you are here too", _join),
    "team": Command("/team database @jens @ana", "make a sub-team, the lead first; nobody dissolves it", _team),
    "page": Command("/page @ana", "ring a person, or an escalation policy", _page),
    "flag": Command("/flag breach-suspected", "raise a flag; with “no” behind it, lower it", _flag),
    "runbook": Command("/runbook database", "take up the runbook of a scenario", _runbook),
    "task": Command("/task @jens 10m roll back", "give a task, with minutes if wanted", _task),
    "hypo": Command("/hypo words", "put forward what may be behind it", _hypothesis),
    "decide": Command("/decide 10m words", "write down a decision, looked at again after the minutes", _decide),
    "fix": Command("/fix rollback release=api", "a mitigation of the catalogue, or in your own words", _fix),
    "report": Command("/report words", "one more customer reports it", _report),
    "tick": Command("/tick 3", "an item of the checklist is done, or seen; a note behind it if wanted", _tick),
    "failed": Command("/failed 3 words", "a check of the checklist failed, and what you saw", _failed),
    "stopped": Command("/stopped", "the bleeding stopped", _stopped),
    "resolve": Command("/resolve", "it is over; a reason behind it if the policy asks", _resolve),
}
