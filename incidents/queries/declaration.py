"""What a declaration offers: the ladder in force, and who is rung at each level, in words."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from core.prepared import Prepared
from incidents.enums import PagedPolicy, PromiseKind
from incidents.models import LadderVersion, Level, LevelPage, Runbook
from incidents.queries.paging import policies_named
from incidents.queries.policy import VersionRows, versions


@dataclass(frozen=True)
class LevelCard:
    """A level as somebody chooses it: what makes it so is on the level itself, the rest is said here.

    `misses` names the groups that it would ring and cannot, because their escalation policy is not set up.
    """

    level: Level
    rings: str
    misses: str
    owes: str


@dataclass
class Declaration:
    """The levels, worst first, and the runbooks of scenarios."""

    policy: VersionRows
    runbooks: list[Runbook]

    @cached_property
    def cards(self) -> list[LevelCard]:
        """The levels as somebody chooses them."""
        return [_card(level, self.policies) for level in self.policy.levels]

    @cached_property
    def policies(self) -> dict[str, str]:
        """{slug: name} of the escalation policies that the ladder names and that are set up, in one query."""
        named = {page.policy for level in self.policy.levels for page in level.pages.all()}
        slugs = {*named, self.policy.version.default_policy} - {""}
        return {policy.slug: policy.name for policy in policies_named(slugs)}

    @property
    def default_policy(self) -> str:
        """What is rung when no service is named (empty: nothing)."""
        return self.policies.get(self.policy.version.default_policy, "")

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


def _card(level: Level, set_up: Collection[str]) -> LevelCard:
    pages = list(level.pages.all())
    missing = [page for page in pages if page.policy_from == PagedPolicy.NAMED and page.policy not in set_up]
    misses = f"Not set up, so not rung: {', '.join(page.group for page in missing)}." if missing else ""
    return LevelCard(level, _rings(level, [page for page in pages if page not in missing]), misses, _owes(level))


def _rings(level: Level, pages: list[LevelPage]) -> str:
    if not pages:
        return "Rings nobody."
    groups = " and ".join(page.group for page in pages)
    within = f"; an answer is owed within {level.acknowledge_within}" if level.acknowledge_target else ""
    return f"Rings {groups}{within}."


def _owes(level: Level) -> str:
    every = next((duty.within for duty in level.duties.all() if duty.kind == PromiseKind.STATUS_UPDATE), "")
    response = f"Response: {level.respond_within}." if level.respond_within else ""
    return " ".join(filter(None, [response, f"Status update every {every}." if every else ""]))
