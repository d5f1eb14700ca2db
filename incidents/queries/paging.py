"""Which escalation policy rings a group of a level."""

from escalation.models import Policy, Service
from incidents.enums import PagedPolicy
from incidents.models import Level, LevelPage


def policy_of_group(group: LevelPage, *, level: Level, service: Service | None) -> tuple[Policy | None, str]:
    """The escalation policy that rings `group` when `service` is affected, or None and the reason in a sentence."""
    if group.policy_from == PagedPolicy.SERVICE and service and service.policy:
        return service.policy, ""
    slug = group.policy if group.policy_from == PagedPolicy.NAMED else level.version.default_policy
    if not slug:
        return None, "the ladder names no default policy. Page somebody by hand."
    policy = Policy.objects.filter(slug=slug).first()
    return policy, "" if policy else f"there is no escalation policy called “{slug}”. Page somebody by hand."
