"""Let people into a private thing."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Audience, AudienceMember, User
from accounts.permissions import check_can_admit
from core.errors import InvalidInput


@transaction.atomic
def admit(audience: Audience, user: User, *, by: Actor, now: datetime, reason: str) -> AudienceMember:
    """Let `user` see all that has this audience, with the reason on record; whoever is in stays as they came.

    Tells nobody and writes no timeline entry: the caller does. Raises NotAllowed unless `by` is Muster, was let in, or
    configures; InvalidInput without a reason.
    """
    check_can_admit(audience, by)
    if not reason.strip():
        raise InvalidInput("Say why they are let in.", field="reason")
    member, _ = AudienceMember.objects.get_or_create(
        audience=audience,
        user=user,
        defaults={"reason": reason.strip()[:200], "added_at": now, "added_by": by.user},
    )
    return member


def admit_all(audience: Audience, people: Mapping[User, str], *, now: datetime) -> None:
    """Muster lets in {person: reason}, in one statement however many they are; whoever is in stays as they came.

    Tells nobody and writes no timeline entry: the caller does, in whose transaction it is.
    """
    members = [
        AudienceMember(audience=audience, user=user, reason=reason.strip()[:200], added_at=now)
        for user, reason in people.items()
    ]
    AudienceMember.objects.bulk_create(members, ignore_conflicts=True)
