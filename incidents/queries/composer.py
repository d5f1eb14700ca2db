"""Completion of the composer's line: commands, levels, statuses, roles, people, policies."""

from dataclasses import dataclass

from accounts.models import User
from escalation.models import Policy
from incidents.models import Incident

MOST = 8
STATUSES = ("investigating", "identified", "monitoring")


@dataclass(frozen=True)
class Completion:
    """`insert` replaces the whole line typed so far; `label` says what it does."""

    insert: str
    label: str


def completions(incident: Incident, typed: str, commands: dict[str, tuple[str, str]]) -> list[Completion]:
    """What may follow `typed`, at most eight. `commands` is {word: (usage, what it does)}."""
    if not typed.startswith("/") or typed.startswith("//"):
        return []
    word, space, rest = typed[1:].partition(" ")
    if not space:
        return [
            Completion(f"/{name} ", f"{usage}: {does}")
            for name, (usage, does) in commands.items()
            if name.startswith(word.lower())
        ][:MOST]
    if word in {"tick", "failed"}:
        return [Completion(f"/{word} {number} ", text) for number, text in _items(incident, rest)][:MOST]
    head, _, last = rest.rpartition(" ")
    stem = f"/{word} {head} " if head else f"/{word} "
    return [Completion(stem + insert, label) for insert, label in _words(incident, word, head, last)][:MOST]


def _items(incident: Incident, typed: str) -> list[tuple[int, str]]:
    """Items of the checklist that are still to do and have `typed` in them, or as their number."""
    rows = incident.checklist.to_do().asked().with_texts().in_order()
    return [(row.number, row.text) for row in rows if typed.lower() in row.text.lower() or typed == str(row.number)]


def _words(incident: Incident, command: str, head: str, last: str) -> list[tuple[str, str]]:
    if command == "status" and not head:
        return [(f"{status} ", "") for status in STATUSES if status.startswith(last.lower())]
    if command == "sev" and not head:
        levels = incident.level.version.levels.all()
        return [(f"{row.name} ", row.criteria) for row in levels if row.name.lower().startswith(last.lower())]
    if command in {"role", "take"} and not head:
        roles = incident.level.version.roles.all()
        return [(f"{row.slug} ", row.name) for row in roles if row.slug.startswith(last.lower())]
    if command == "flag" and not head:
        flags = incident.level.version.flags.filter(slug__startswith=last.lower())
        return [(f"{row.slug} ", row.name) for row in flags]
    if command == "runbook" and not head:
        runbooks = incident.level.version.runbooks.filter(slug__startswith=last.lower())
        return [(f"{row.slug} ", row.name) for row in runbooks]
    if command == "fix" and not head:
        options = incident.level.version.mitigations.all()
        return [(f"{row.slug} ", row.name) for row in options if row.slug.startswith(last.lower())]
    if command in {"role", "page", "take", "team"} or (command == "task" and not head):
        people = User.objects.filter(is_active=True, handle__startswith=last.removeprefix("@").lower())[:MOST]
        found = [(f"@{person.handle} ", person.name) for person in people]
        if command == "page" and not head and not last.startswith("@"):
            policies = Policy.objects.filter(slug__startswith=last.lower())[:MOST]
            found += [(f"{policy.slug} ", f"policy {policy.name}") for policy in policies]
        return found
    return []
