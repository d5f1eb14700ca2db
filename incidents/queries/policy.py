"""What the policy says, read once per process: nothing in a version of a ladder ever changes."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Prefetch

from incidents.models import Incident, LadderVersion, Level, PhaseItem, QuickAction

# Old versions are asked for as long as their incidents go on; when so many are at hand, all are read anew.
AT_HAND = 64
LEVEL = ("pages", "team", "duties")
PARTS = (
    *("roles", "mitigations", "symptoms", "links", "flags", "escalations", "texts", "contacts"),
    *("phases__items", "phases__troubles", "runbooks__actions", "runbooks__decisions"),
)


@dataclass(frozen=True)
class VersionRows:
    """One version of a ladder with all its rows, tied to each other: `version.mitigations.all()` asks nothing.

    Everybody who asks shares them: for reading only.
    """

    version: LadderVersion

    @cached_property
    def levels(self) -> list[Level]:
        """The worst first."""
        return sorted(self.version.levels.all(), key=lambda level: level.rank)

    @cached_property
    def items(self) -> dict[int, PhaseItem]:
        """{pk: item of a phase}, as the policy orders the phases and what is in them."""
        return {item.pk: item for phase in self.version.phases.all() for item in phase.items.all()}

    @cached_property
    def actions(self) -> dict[int, QuickAction]:
        """{pk: quick action of a runbook}, as the policy orders the runbooks and what is in them."""
        return {action.pk: action for runbook in self.version.runbooks.all() for action in runbook.actions.all()}

    @cached_property
    def role_names(self) -> dict[str, str]:
        """{slug: what the role is called}."""
        return {role.slug: role.name for role in self.version.roles.all()}

    def level_named(self, name: str) -> Level | None:
        """The level that people call `name`, in any case."""
        return next((level for level in self.levels if level.name.lower() == name.lower()), None)

    def level(self, level_id: int) -> Level:
        """One of its levels, with what hangs on it."""
        return next(level for level in self.levels if level.pk == level_id)


_at_hand: dict[int, VersionRows] = {}


def policies_of(incidents: Iterable[Incident]) -> dict[int, VersionRows]:
    """{pk of a version: what it says} for `incidents`; a fixed number of queries for those never asked for before.

    Without a query when their levels were fetched along and nothing is new.
    """
    return versions({incident.level.version_id for incident in incidents})


def versions(wanted: Set[int]) -> dict[int, VersionRows]:
    """{pk: what that version says}; as many queries as `policies_of`."""
    found = {pk: _at_hand[pk] for pk in wanted if pk in _at_hand}
    if new := wanted - found.keys():
        levels = Prefetch("levels", Level.objects.prefetch_related(*LEVEL))
        rows = LadderVersion.objects.filter(pk__in=new).prefetch_related(levels, *PARTS)
        found |= {version.pk: VersionRows(version) for version in rows}
        if len(_at_hand) > AT_HAND:
            _at_hand.clear()
        _at_hand.update(found)
    return found


def policy_of(incident: Incident) -> VersionRows:
    """What the policy of one incident says; its level is then the shared one, with what hangs on it."""
    rows = policies_of([incident])[incident.level.version_id]
    incident.level = rows.level(incident.level_id)
    return rows


def forget_policies() -> None:
    """For whoever adds a part to a version that was read before, as tests do."""
    _at_hand.clear()
