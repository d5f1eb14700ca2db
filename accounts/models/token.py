"""A key for a machine: shown once, kept as a digest, found by its prefix."""

from django.db import models

from accounts.enums import TokenScope
from accounts.models.user import User


class ApiToken(models.Model):
    """A key that acts as its owner, within its scope. The key itself (`mst_<prefix>_<secret>`) is never stored."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80, blank=True)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the secret part, in hexadecimal.")
    scope = models.CharField(max_length=12, choices=TokenScope.choices, default=TokenScope.READ)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(scope__in=TokenScope.values), name="token_scope_known")
        ]

    def __str__(self) -> str:
        return f"mst_{self.prefix}_… of {self.user}"
