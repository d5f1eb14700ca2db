"""What the admin, the policy file and the declare form ask about ladders."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet

from comms.models import Subscription
from escalation.models import Policy, Schedule
from incidents.models import Incident, Ladder, LadderVersion, Level


@dataclass(frozen=True)
class Named:
    """Names of things that other apps own."""

    policies: list[str] = field(default_factory=list)
    schedules: list[str] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)


def with_rows(versions: QuerySet[LadderVersion]) -> QuerySet[LadderVersion]:
    """`versions` with all that a declaration needs, in six queries however many they are."""
    levels = Level.objects.prefetch_related("pages", "team", "duties")
    return versions.select_related("ladder").prefetch_related("roles", Prefetch("levels", queryset=levels))


def current_version(ladder: Ladder) -> LadderVersion | None:
    """The version of `ladder` in force, with its rows; None for a ladder without any."""
    return with_rows(LadderVersion.objects.filter(ladder=ladder)).order_by("-number").first()


def default_version() -> LadderVersion | None:
    """What a declaration offers: the default ladder's version in force, with its rows; None before any was applied."""
    return with_rows(LadderVersion.objects.filter(ladder__is_default=True)).order_by("-number").first()


def open_incidents(ladder: Ladder) -> dict[int, list[str]]:
    """{version number: references} of the open incidents of `ladder`, the newest version first.

    Private incidents are among them: their references say nothing, and whoever changes a policy must know of them.
    """
    rows = Incident.objects.open().filter(level__version__ladder=ladder)
    found: dict[int, list[str]] = {}
    for number, reference in rows.order_by("-level__version__number", "number").values_list(
        "level__version__number", "reference"
    ):
        found.setdefault(number, []).append(reference)
    return found


def missing_names(named: Named) -> Named:
    """Those of `named` that nobody has set up."""
    policies = set(Policy.objects.filter(slug__in=named.policies).values_list("slug", flat=True))
    schedules = set(Schedule.objects.filter(slug__in=named.schedules).values_list("slug", flat=True))
    channels = set(Subscription.objects.filter(name__in=named.channels).values_list("name", flat=True))
    return Named(
        policies=[slug for slug in named.policies if slug not in policies],
        schedules=[slug for slug in named.schedules if slug not in schedules],
        channels=[name for name in named.channels if name not in channels],
    )


def steps_set_up(policies: Collection[str]) -> dict[str, list[set[tuple[str, int]]]]:
    """{policy: for each of its steps the (schedule, turn) that it rings}, of those of `policies` that are set up."""
    rows = Policy.objects.filter(slug__in=policies).order_by("slug", "steps__position")
    found: dict[str, dict[int, set[tuple[str, int]]]] = {}
    for slug, step, schedule, turn in rows.values_list(
        "slug", "steps", "steps__targets__schedule__slug", "steps__targets__turn"
    ):
        steps = found.setdefault(slug, {})
        if step is not None:
            steps.setdefault(step, set()).update({(schedule, turn)} if schedule else set())
    return {slug: list(steps.values()) for slug, steps in found.items()}
