"""The words behind a slash, in the order in which they are offered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.actor import Actor
from incidents.actions.composer import people, state, work
from incidents.models import Incident


@dataclass(frozen=True)
class Command:
    """A word behind the slash: what completion shows, and what it does. `run` returns a sentence for the writer."""

    usage: str
    does: str
    run: Callable[[Incident, Actor, datetime, str], str]


COMMANDS: dict[str, Command] = {
    "status": Command("/status identified", "step to a status; with words behind it, a status update", state.status),
    "update": Command("/update words", "post a status update", state.update),
    "public": Command("/public words", "tell everybody outside; alone, shows the ladder's words", state.public),
    "sev": Command("/sev SEV1", "raise, or lower with a reason behind it", state.severity),
    "role": Command("/role commander @ana", "give a role; without a name, take it", people.role),
    "take": Command("/take commander @ana", "take a role from whoever has it now", people.take),
    "join": Command("/join", "say that you are here too", people.join),
    "team": Command("/team database @jens @ana", "make a sub-team, the lead first; nobody dissolves it", people.team),
    "page": Command("/page @ana", "ring a person, or an escalation policy", people.page),
    "flag": Command("/flag breach-suspected", "raise a flag; with “no” behind it, lower it", state.flag),
    "runbook": Command("/runbook database", "take up the runbook of a scenario", work.runbook),
    "task": Command("/task @jens 10m roll back", "give a task, with minutes if wanted", work.task),
    "hypo": Command("/hypo words", "put forward what may be behind it", work.hypothesis),
    "decide": Command("/decide 10m words", "write down a decision, looked at again after the minutes", work.decision),
    "critical": Command("/critical 17 words", "decide what a runbook asks", work.critical),
    "fix": Command("/fix rollback release=api", "a mitigation of the catalogue, or in your own words", work.fix),
    "report": Command("/report words", "one more customer reports it", state.report),
    "tick": Command("/tick 3", "an item of the checklist is done, or seen; a note behind it if wanted", work.tick),
    "failed": Command("/failed 3 words", "a check of the checklist failed, and what you saw", work.failed),
    "pin": Command("/pin 12", "an entry on top; words are noted first, alone it takes your newest note", work.pin),
    "link": Command("/link INC-20260418-0042 caused by", "another incident, related if nothing is said", state.link),
    "stopped": Command("/stopped", "the bleeding stopped", state.stopped),
    "resolve": Command("/resolve", "it is over; a reason behind it if the policy asks", state.resolve),
    "close": Command("/close", "the response is over; a reason behind it while something is owed", state.close),
}
