"""Pages of something that has become private, or is public again."""

from accounts.models import Audience
from escalation.models import Page


def lock_pages(subject_key: str) -> list[int]:
    """Hold every page about `subject_key` until the transaction ends; their ids. Before its own row is locked."""
    rows = Page.objects.select_for_update().filter(subject_key=subject_key).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def hide_pages(subject_key: str, audience: Audience | None) -> int:
    """Let only `audience` (None: everybody) know of the pages about `subject_key`; how many they are.

    They ring on, and whoever is rung from now on is let in. Guards nothing: the caller's noun is what is private.
    """
    return Page.objects.filter(subject_key=subject_key).update(audience=audience)
