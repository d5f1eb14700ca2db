"""Completion of the composer's line: commands, and what each takes, as its reader may see it."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User
from escalation.models import Policy
from incidents.enums import EntryKind
from incidents.models import Incident
from incidents.queries.scenario import critical_decisions

MOST = 8
STATUSES = ("investigating", "identified", "monitoring")


@dataclass(frozen=True)
class Completion:
    """`insert` replaces the whole line typed so far; `label` says what it does."""

    insert: str
    label: str


def completions(
    incident: Incident, typed: str, commands: dict[str, tuple[str, str]], reader: User
) -> list[Completion]:
    """What may follow `typed`: every command that fits, or at most eight of what one takes.

    `commands` is {word: (usage, what it does)}.
    """
    if not typed.startswith("/") or typed.startswith("//"):
        return []
    word, space, rest = typed[1:].partition(" ")
    if not space:
        return [
            Completion(f"/{name} ", f"{usage}: {does}")
            for name, (usage, does) in commands.items()
            if name.startswith(word.lower())
        ]
    if word in {"tick", "failed"}:
        return [Completion(f"/{word} {number} ", text) for number, text in _items(incident, rest)][:MOST]
    if word in LISTED:
        rows = [(key, text) for key, text in LISTED[word](incident, reader) if key.lower().startswith(rest.lower())]
        return [Completion(f"/{word} {key} ", text[:80]) for key, text in rows][:MOST]
    head, _, last = rest.rpartition(" ")
    stem = f"/{word} {head} " if head else f"/{word} "
    return [Completion(stem + insert, label) for insert, label in _words(incident, word, head, last)][:MOST]


def _items(incident: Incident, typed: str) -> list[tuple[int, str]]:
    """Items of the checklist that are still to do and have `typed` in them, or as their number."""
    rows = incident.checklist.to_do().asked().with_texts().in_order()
    return [(row.number, row.text) for row in rows if typed.lower() in row.text.lower() or typed == str(row.number)]


def _decisions(incident: Incident, reader: User) -> list[tuple[str, str]]:
    return list(critical_decisions(incident).items())


def _notes(incident: Incident, reader: User) -> list[tuple[str, str]]:
    """The newest notes by their numbers."""
    rows = incident.entries.filter(kind__in=[EntryKind.NOTE, EntryKind.CORRECTION]).order_by("-number")
    return [(str(number), text) for number, text in rows.values_list("number", "text")[:100]]


def _others(incident: Incident, reader: User) -> list[tuple[str, str]]:
    """Other incidents that the reader may see, the newest first."""
    rows = Incident.objects.visible_to(reader).exclude(pk=incident.pk).order_by("-number")
    return list(rows.values_list("reference", "summary")[:100])


# Commands that take one of a list first, by its number or its reference.
LISTED: dict[str, Callable[[Incident, User], list[tuple[str, str]]]] = {
    "critical": _decisions,
    "pin": _notes,
    "link": _others,
}


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
