"""Which escalation policy rings a group of a level."""

from collections.abc import Collection, Sequence

from django.db.models import Q, TextField

from core.prepared import Prepared, among, given_key
from escalation.models import Policy, Service
from incidents.enums import PagedPolicy
from incidents.models import Level, LevelPage

POLICIES = Prepared(lambda: Policy.objects.filter(Q(pk=given_key("own")) | Q(among("slug", "slugs", TextField()))))


def policies_named(slugs: Collection[str]) -> list[Policy]:
    """The escalation policies called so, those that there are; one query."""
    return POLICIES.rows(own=0, slugs=sorted(slugs)) if slugs else []


def policy_of_group(group: LevelPage, *, level: Level, service: Service | None) -> tuple[Policy | None, str]:
    """The escalation policy that rings `group` when `service` is affected, or None and the reason in a sentence."""
    return policies_of_groups([group], level=level, service=service)[0]


def policies_of_groups(
    groups: Sequence[LevelPage], *, level: Level, service: Service | None
) -> list[tuple[Policy | None, str]]:
    """`policy_of_group` of each, in one query."""
    own = service.policy_id if service else None
    slugs = {None if own and _asks_service(group) else _slug_of(group, level) for group in groups}
    named = sorted(slug for slug in slugs if slug)
    rows = POLICIES.rows(own=own or 0, slugs=named) if groups else []
    by_slug = {policy.slug: policy for policy in rows}
    of_service = next((policy for policy in rows if policy.pk == own), None)
    return [
        (of_service, "") if of_service and _asks_service(group) else _named(by_slug, _slug_of(group, level))
        for group in groups
    ]


def _asks_service(group: LevelPage) -> bool:
    return group.policy_from == PagedPolicy.SERVICE


def _slug_of(group: LevelPage, level: Level) -> str:
    return group.policy if group.policy_from == PagedPolicy.NAMED else level.version.default_policy


def _named(by_slug: dict[str, Policy], slug: str) -> tuple[Policy | None, str]:
    if not slug:
        return None, "the ladder names no default policy. Page somebody by hand."
    policy = by_slug.get(slug)
    return policy, "" if policy else f"there is no escalation policy called “{slug}”. Page somebody by hand."
