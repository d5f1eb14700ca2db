"""The morning mail of one person: what they owe, once a day."""

from django.db import models
from django.db.models import Q

from accounts.models import User


class Digest(models.Model):
    """One day of one person. `wake_at` is 08:00 of that day in their zone; `owed` how much they owed then.

    A day on which nothing was owed is settled without a mail.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="digests")
    day = models.DateField()
    wake_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    owed = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["user", "day"]
        indexes = [
            # Read by incidents.actions.digest.mail_digests.
            models.Index(fields=["wake_at"], name="digest_wake", condition=Q(settled_at__isnull=True)),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="digest_once_a_day")]

    def __str__(self) -> str:
        return f"What {self.user} owed on {self.day}"
