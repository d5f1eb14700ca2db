"""Two incidents that have to do with each other."""

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.history import written_once
from incidents.enums import Relation
from incidents.models.incident import Incident


class IncidentLink(models.Model):
    """`source` is related to, caused by, or a duplicate of `target`. Both rooms show it.

    `at` and `by` are of its beginning; when it became a duplicate, or was none after all, is in both timelines.
    """

    source = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="links_out")
    target = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="links_in")
    relation = models.CharField(max_length=12, choices=Relation.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "target"], name="incident_link_once"),
            models.UniqueConstraint(
                fields=["source"], condition=Q(relation=Relation.DUPLICATE), name="incident_link_one_original"
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="incident_link_to_another"),
            models.CheckConstraint(condition=Q(relation__in=Relation.values), name="incident_link_relation_known"),
        ]
        triggers = written_once(free=["relation"])

    def __str__(self) -> str:
        return f"{self.source.reference} {self.get_relation_display().lower()} {self.target.reference}"
