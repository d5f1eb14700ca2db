"""Who may see a private thing. A thing without an audience is for everybody who is signed in."""

from typing import Any, Self

from django.db import models

from accounts.models.user import User


class Audience(models.Model):
    """A closed list of people, shared by an incident and all that comes out of it."""

    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(
        User, through="AudienceMember", through_fields=("audience", "user"), related_name="audiences"
    )

    def __str__(self) -> str:
        return f"Audience {self.pk}"


class AudienceMember(models.Model):
    """One person let in: why, when and by whom (nobody: Muster, because a page reached them)."""

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="entries")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="audience_entries")
    reason = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["audience", "user"], name="audience_member_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.audience}"


class VisibleQuerySet(models.QuerySet[Any]):
    """For every model with an `audience` column."""

    def visible_to(self, user: User | models.Expression) -> Self:
        """What `user` may know of: everything public, and the private things that let them in."""
        return self.filter(
            models.Q(audience__isnull=True) | models.Q(audience__in=Audience.objects.filter(entries__user=user))
        )
