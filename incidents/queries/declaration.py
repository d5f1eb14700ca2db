"""What a declaration offers: the ladder in force, and who is rung at each level, in words."""

from dataclasses import dataclass

from escalation.models import Policy
from incidents.enums import PromiseKind
from incidents.models import Ladder, LadderVersion, Level, Runbook


@dataclass(frozen=True)
class LevelCard:
    """A level as somebody chooses it: what makes it so is on the level itself, the rest is said here."""

    level: Level
    rings: str
    owes: str


@dataclass(frozen=True)
class Declaration:
    """The levels, worst first, and what is rung when no service is named (empty: nothing)."""

    version: LadderVersion
    cards: list[LevelCard]
    default_policy: str
    runbooks: list[Runbook]

    def runbook_named(self, slug: str) -> Runbook | None:
        """The runbook called `slug`."""
        return next((runbook for runbook in self.runbooks if runbook.slug == slug), None)

    def level_named(self, name: str) -> Level | None:
        """The level that people call `name`, in any case."""
        return next((card.level for card in self.cards if card.level.name.lower() == name.lower()), None)


def declaration() -> Declaration | None:
    """What the default ladder offers in its version in force, or None while none is configured. Six queries."""
    ladder = Ladder.objects.filter(is_default=True).first()
    version = ladder.versions.order_by("-number").first() if ladder else None
    if version is None:
        return None
    levels = list(version.levels.order_by("rank").prefetch_related("pages", "duties"))
    if not levels:
        return None
    policy = Policy.objects.filter(slug=version.default_policy).first() if version.default_policy else None
    cards = [LevelCard(level, _rings(level), _owes(level)) for level in levels]
    return Declaration(version, cards, policy.name if policy else "", list(version.runbooks.order_by("position")))


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
