"""How people are reached: their contact points and rules, for any number of people in one query."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONArray

from accounts.models import User
from comms.enums import Urgency
from comms.models import ContactPoint, ContactRule
from comms.plan import tries
from core.prepared import Prepared, among_keys

# A point brings its rules along, in their order: [[id, chain, seconds], …].
RULES = ContactRule.objects.filter(contact_point=OuterRef("pk")).order_by("chain", "after_seconds", "pk")
RULED = ArraySubquery(RULES.values(rule=JSONArray("pk", "chain", "after_seconds")))
POINTS = Prepared(
    lambda: ContactPoint.objects.filter(among_keys("user", "users")).annotate(ruled=RULED).order_by("pk")
)


def points_of(users: Iterable[User]) -> dict[int, list[ContactPoint]]:
    """{user id: all contact points of that user, with their rules}, an empty list for who has none. One query."""
    found: dict[int, list[ContactPoint]] = {user.pk: [] for user in users}
    if not found:
        return found
    for point in POINTS.rows(users=sorted(found)):
        known: Any = point
        rules = [ContactRule(pk=pk, contact_point=point, chain=chain, after_seconds=s) for pk, chain, s in known.ruled]
        known._prefetched_objects_cache = {"rules": rules}
        found[point.user_id].append(point)
    return found


def has_a_way() -> Exists:
    """For a queryset of users: whether an urgent message reaches them by any contact point at all.

    What is switched on is tried, verified or not (comms/plan.py), so one that is switched on is a way.
    """
    return Exists(ContactPoint.objects.filter(user=OuterRef("pk"), is_enabled=True))


def unreachable(users: Iterable[User]) -> list[User]:
    """Those of `users`, in their order, whom an urgent message reaches by no contact point at all. One query.

    An account that is switched off is one of them. Whether an address truly works is not asked.
    """
    users = list(users)
    points = points_of(users)
    return [user for user in users if not (user.is_active and _is_reached(points[user.pk]))]


def _is_reached(points: list[ContactPoint]) -> bool:
    return any(not one.reason for one in tries(points, Urgency.URGENT))
