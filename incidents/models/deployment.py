"""A change of a service: what was deployed when, as CI or a person says."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from escalation.models import Service


class Deployment(models.Model):
    """A version of a service that went out at `deployed_at`.

    `by` is who deployed it, in words; `recorded_by` whose key or press wrote it down. `external_id` is what `source`
    calls it: the same again is the same deployment.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="deployments")
    version = models.CharField(max_length=120)
    deployed_at = models.DateTimeField()
    by = models.CharField(max_length=120, blank=True)
    url = models.URLField(max_length=500, blank=True)
    source = models.CharField(max_length=60, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-deployed_at", "-pk"]
        indexes = [
            # Read by incidents.queries.changes: the newest of some services.
            models.Index(fields=["service", "-deployed_at"], name="deployment_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="deployment_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service.slug} {self.version}"
