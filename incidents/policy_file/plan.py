"""What applying a document would do, said before it is done."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.lines import list_names
from incidents.models import Ladder
from incidents.policy_file.changes import changes_in_words
from incidents.policy_file.document import SERVICE, PolicyDocument
from incidents.policy_file.rows import document_of
from incidents.queries.ladder import Named, current_version, missing_names, open_incidents, steps_set_up


@dataclass(frozen=True)
class Plan:
    """`changes` empty: applying does nothing. `keeps` names open incidents that stay under their old version."""

    document: PolicyDocument
    number: int | None
    changes: list[str] = field(default_factory=list)
    keeps: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    missing: Named = field(default_factory=Named)

    def __str__(self) -> str:
        return "\n".join([*(self.changes or ["Nothing changes."]), *self.keeps, *self.warnings])


def plan_document(document: PolicyDocument) -> Plan:
    """What applying `document` now would change, which open incidents keep the old rules, and what it misses."""
    ladder = Ladder.objects.filter(slug=document.ladder).first()
    version = current_version(ladder) if ladder else None
    changes = changes_in_words(document_of(version) if version else None, document)
    missing = missing_in(document)
    return Plan(
        document=document,
        number=version.number if version else None,
        changes=changes,
        keeps=_keeps(ladder) if ladder and changes else [],
        warnings=warnings_of(document, missing),
        missing=missing,
    )


def missing_in(document: PolicyDocument) -> Named:
    """What the document names and nobody has set up yet, by name."""
    return missing_names(names_in(document))


def warnings_of(document: PolicyDocument, missing: Named | None = None) -> list[str]:
    """What the document names and nobody has set up yet (`missing`, where that is known), and what rings otherwise
    than it wants: it can be applied, and the gap is said each time."""
    missing = missing_in(document) if missing is None else missing
    lines = [
        *_none_yet(
            "escalation policy",
            "escalation policies",
            missing.policies,
            "what names {it} rings nobody, and the room will say so",
        ),
        *_none_yet("schedule", "schedules", missing.schedules, "nobody commands by {it} until there {is_one}"),
        *_none_yet(
            "standing channel", "standing channels", missing.channels, "nothing is posted there until there {is_one}"
        ),
    ]
    return [*lines, *_other_chains(document)]


def _none_yet(one: str, many: str, names: list[str], so: str) -> Iterator[str]:
    """One sentence for all of a kind, however many are missing: seventeen in a row are not read."""
    quoted = [f"“{name}”" for name in names]
    if len(names) == 1:
        yield f"There is no {one} called {quoted[0]} yet: {so.format(it='it', is_one='is one')}."
    elif names:
        yield f"There are no {many} called {list_names(quoted)} yet: {so.format(it='them', is_one='are')}."


def _other_chains(document: PolicyDocument) -> Iterator[str]:
    """Escalation policies that are set up and do not ring as the ladder wants them to."""
    found = steps_set_up([chain.policy for chain in document.chains])
    for chain in document.chains:
        steps = found.get(chain.policy)
        wanted = [(step.schedule, step.turn) for step in chain.steps]
        if steps is None or (
            len(steps) == len(wanted) and all(one in rung for one, rung in zip(wanted, steps, strict=True))
        ):
            continue
        words = ", then ".join(f"{step.who[:1].lower()}{step.who[1:]}" for step in chain.steps)
        yield f"The escalation policy “{chain.policy}” does not ring as this ladder wants: {words}."


def names_in(document: PolicyDocument) -> Named:
    """The escalation policies, schedules and standing channels that the document names."""
    levels = document.levels
    duties = [duty for level in levels for duty in level.owed]
    policies = {document.default_policy, *(duty.escalate_policy for duty in duties)}
    policies |= {page.policy for level in levels for page in level.pages if page.policy != SERVICE}
    policies |= {slug for rule in document.escalations for slug in rule.policies}
    policies |= {slug for runbook in document.runbooks for slug in runbook.pages}
    policies |= {chain.policy for chain in document.chains}
    policies |= {decision.escalate_policy for runbook in document.runbooks for decision in runbook.decisions}
    schedules = {slug for level in levels for slug in (level.commander.schedule, level.commander.backup)}
    schedules |= {seat.schedule for level in levels for seat in level.team}
    schedules |= {step.schedule for chain in document.chains for step in chain.steps}
    channels = {level.chat.channel for level in levels} | {name for duty in duties for name in duty.to}
    return Named(
        policies=sorted(filter(None, policies)),
        schedules=sorted(filter(None, schedules)),
        channels=sorted(filter(None, channels)),
    )


def _keeps(ladder: Ladder) -> list[str]:
    lines = []
    for number, references in open_incidents(ladder).items():
        count = "1 open incident keeps" if len(references) == 1 else f"{len(references)} open incidents keep"
        lines.append(f"{count} version {number}: {', '.join(references)}.")
    return lines
