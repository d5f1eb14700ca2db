"""What a declaration offers: the ladder in force, and who is rung at each level, in words."""

from dataclasses import dataclass
from functools import cached_property

from core.prepared import Prepared
from incidents.enums import PromiseKind
from incidents.models import LadderVersion, Level, Runbook
from incidents.queries.paging import policy_named
from incidents.queries.policy import VersionRows, versions


@dataclass(frozen=True)
class LevelCard:
    """A level as somebody chooses it: what makes it so is on the level itself, the rest is said here."""

    level: Level
    rings: str
    owes: str


@dataclass
class Declaration:
    """The levels, worst first, and the runbooks of scenarios."""

    policy: VersionRows
    runbooks: list[Runbook]

    @cached_property
    def cards(self) -> list[LevelCard]:
        """The levels as somebody chooses them."""
        return [LevelCard(level, _rings(level), _owes(level)) for level in self.policy.levels]

    @cached_property
    def default_policy(self) -> str:
        """What is rung when no service is named (empty: nothing), in one query."""
        slug = self.policy.version.default_policy
        policy = policy_named(slug) if slug else None
        return policy.name if policy else ""

    def runbook_named(self, slug: str) -> Runbook | None:
        """The runbook called `slug`."""
        return next((runbook for runbook in self.runbooks if runbook.slug == slug), None)

    def level_named(self, name: str) -> Level | None:
        """The level that people call `name`, in any case."""
        return self.policy.level_named(name)


NEWEST = Prepared(lambda: LadderVersion.objects.filter(ladder__is_default=True).order_by("-number")[:1])


def declaration() -> Declaration | None:
    """What the default ladder offers in its version in force, or None while none is configured.

    One query, more for a version that nobody has asked for before.
    """
    newest = NEWEST.first()
    rows = versions({newest.pk})[newest.pk] if newest else None
    if rows is None or not rows.levels:
        return None
    return Declaration(rows, list(rows.version.runbooks.all()))


def _rings(level: Level) -> str:
    pages = list(level.pages.all())
    if not pages:
        return "Rings nobody."
    groups = " and ".join(page.group for page in pages)
    within = f"; an answer is owed within {level.acknowledge_within}" if level.acknowledge_target else ""
    return f"Rings {groups}{within}."


def _owes(level: Level) -> str:
    every = next((duty.within for duty in level.duties.all() if duty.kind == PromiseKind.STATUS_UPDATE), "")
    response = f"Response: {level.respond_within}." if level.respond_within else ""
    return " ".join(filter(None, [response, f"Status update every {every}." if every else ""]))
