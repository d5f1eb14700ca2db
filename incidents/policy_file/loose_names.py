"""What the lists of a policy name in each other and does not exist, is there twice, or says half of a pair."""

from collections.abc import Iterator, Sequence

from core.filling import names_in, unsafe_name
from core.moments import parse_duration
from incidents.enums import Occasion, RoleSource
from incidents.models.ladder import NEVER_KNOWN
from incidents.policy_file.document import Part, PhasePart, PolicyDocument, RulePart, TeamPart, TemplatePart
from incidents.policy_file.problems import Path

Found = tuple[Path, str]
WHEN = {
    Occasion.DECLARED: "when it is declared",
    Occasion.UPDATE: "with an update",
    Occasion.RESOLVED: "once it is resolved",
    Occasion.MEETING: "for the meeting",
}


def find_loose_names(document: PolicyDocument) -> Iterator[Found]:
    """Every loose name as the path of its field and a sentence."""
    for name, part in PolicyDocument.lists().items():
        if part.CALLED:
            yield from _twice((name,), getattr(document, name))
    yield from _levels(document)
    for position, chain in enumerate(document.chains):
        yield from _twice(("chains", position, "steps"), chain.steps)
    for position, phase in enumerate(document.phases):
        yield from _phase(("phases", position), phase, document)
    for position, runbook in enumerate(document.runbooks):
        yield from _known(("runbooks", position, "flag"), runbook.flag, _slugs(document.flags), "flag")
    for position, option in enumerate(document.mitigations):
        for field in ("command", "way_back"):
            if name := unsafe_name(getattr(option, field) or ""):
                sentence = (
                    f"{{{name}}} stands behind a backtick, $( or <<, where no quoting is safe; give it a line alone."
                )
                yield ("mitigations", position, field), sentence
    for position, symptom in enumerate(document.symptoms):
        here = ("symptoms", position)
        yield from _known((*here, "mitigation"), symptom.mitigation, _slugs(document.mitigations), "mitigation")
        yield from _known((*here, "runbook"), symptom.runbook, _slugs(document.runbooks), "runbook")
    for position, rule in enumerate(document.escalations):
        yield from _rule(("escalations", position), rule, document)
    if document.postmortem:
        yield from _twice(("postmortem", "sections"), document.postmortem.sections)
        for role in document.postmortem.meeting_roles:
            yield from _known(("postmortem", "meeting_roles"), role, _slugs(document.roles), "role")
    for position, text in enumerate(document.texts):
        yield from _text(("texts", position), text)
    yield from _names_of_levels(document)


def _text(here: Path, text: TemplatePart) -> Iterator[Found]:
    """What is never known on its occasion would take its line with it each time; and a text that nobody asks for."""
    never = NEVER_KNOWN.get((text.audience, text.occasion))
    if never is None:
        yield (*here, "occasion"), f"no text is ever asked for {text.audience.value} on this occasion."
        return
    for field in ("subject", "text"):
        for name in names_in(getattr(text, field) or ""):
            if name in never:
                yield (
                    (*here, field),
                    f"“{{{name}}}” is not known {WHEN[text.occasion]}; its line would always be missing.",
                )


def _slugs(parts: Sequence[Part]) -> list[str]:
    return [part.key for part in parts]


def _twice(where: Path, parts: Sequence[Part]) -> Iterator[Found]:
    seen: set[str] = set()
    for position, part in enumerate(parts):
        if part.key in seen:
            field = part.NAMED_BY if part.NAMED_BY in type(part).model_fields else "audience"
            yield (*where, position, field), f"“{part.key}” is used by another entry as well; each must be different."
        seen.add(part.key)


def _known(path: Path, name: str | None, known: Sequence[str], what: str) -> Iterator[Found]:
    if name and name not in known:
        yield path, f"“{name}” is not a {what} of this ladder; there are {', '.join(known) or 'none'}."


def _levels(document: PolicyDocument) -> Iterator[Found]:
    roles = _slugs(document.roles)
    for position, level in enumerate(document.levels):
        for index, seat in enumerate(level.team):
            here = ("levels", position, "team", index)
            yield from _known((*here, "role"), seat.role, roles, "role")
            yield from _seat(here, seat)
        yield from _twice(("levels", position, "team"), level.team)


def _seat(here: Path, seat: TeamPart) -> Iterator[Found]:
    if seat.source == RoleSource.ON_CALL and not seat.schedule:
        yield (*here, "schedule"), "is missing: with “on_call”, name the schedule."
    if seat.source != RoleSource.ON_CALL and seat.schedule:
        yield (*here, "schedule"), f"is only used with “on_call”, and this seat is filled by {seat.source.value}."


def _phase(here: Path, phase: PhasePart, document: PolicyDocument) -> Iterator[Found]:
    if (
        phase.begins_after
        and phase.ends_after
        and parse_duration(phase.begins_after) >= parse_duration(phase.ends_after)
    ):
        yield (*here, "ends_after"), f"must be later than {phase.begins_after}, when the phase begins."
    yield from _twice((*here, "items"), phase.items)
    yield from _twice((*here, "troubles"), phase.troubles)
    for index, item in enumerate(phase.items):
        yield from _known((*here, "items", index, "flag"), item.flag, _slugs(document.flags), "flag")
        yield from _known((*here, "items", index, "role"), item.role, _slugs(document.roles), "role")


def _rule(here: Path, rule: RulePart, document: PolicyDocument) -> Iterator[Found]:
    conditions = [rule.unresolved_after, rule.flag, rule.revenue_over]
    if sum(condition is not None for condition in conditions) != 1:
        yield here, "needs exactly one condition: unresolved_after, flag, or revenue_over."
    yield from _known((*here, "flag"), rule.flag, _slugs(document.flags), "flag")


def _names_of_levels(document: PolicyDocument) -> Iterator[Found]:
    """Each name of a level, wherever a list may hold one."""
    known = [level.name for level in document.levels]
    for path, names in _named_levels(document):
        for name in names:
            yield from _known(path, name, known, "level")


def _named_levels(document: PolicyDocument) -> Iterator[tuple[Path, Sequence[str]]]:
    for name in ("runbooks", "escalations", "texts"):
        for position, part in enumerate(getattr(document, name)):
            yield (name, position, "levels"), part.levels
    yield ("blind_level",), [document.blind_level] if document.blind_level else []
    for position, runbook in enumerate(document.runbooks):
        yield ("runbooks", position, "level"), [runbook.level] if runbook.level else []
    for position, phase in enumerate(document.phases):
        for index, item in enumerate(phase.items):
            yield ("phases", position, "items", index, "levels"), item.levels
