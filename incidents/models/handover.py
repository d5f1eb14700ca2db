"""A role offered by its holder to somebody else, who has to accept it."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import User
from core.history import written_once
from incidents.models.incident import Incident


class HandoverQuerySet(models.QuerySet[Any]):
    """What the room asks."""

    def waiting(self) -> Self:
        """Offers that nobody has answered or taken back."""
        return self.filter(accepted_at__isnull=True, declined_at__isnull=True, withdrawn_at__isnull=True)


class Handover(models.Model):
    """One offer. Until it is accepted the role, its promises and its pages stay with `from_user`.

    `number` counts within the incident. `brief` is Markdown, made from the record at the moment of the offer; `html`
    is rendered and sanitised once.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="handovers")
    number = models.PositiveSmallIntegerField()
    role = models.SlugField(help_text="A role of the ladder, by its slug.")
    name = models.CharField(max_length=60)
    from_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    to_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="handovers_offered")
    brief = models.TextField()
    html = models.TextField()
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["incident", "number"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="handover_number_once"),
            models.UniqueConstraint(
                fields=["incident", "role"],
                condition=Q(accepted_at__isnull=True, declined_at__isnull=True, withdrawn_at__isnull=True),
                name="handover_one_open_of_a_role",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, declined_at__isnull=True)
                | Q(accepted_at__isnull=True, withdrawn_at__isnull=True)
                | Q(declined_at__isnull=True, withdrawn_at__isnull=True),
                name="handover_ends_one_way",
            ),
            models.CheckConstraint(condition=~Q(from_user=F("to_user")), name="handover_between_two"),
        ]
        triggers = written_once(later=["accepted_at", "declined_at", "withdrawn_at"])

    def __str__(self) -> str:
        return f"{self.name} of {self.incident.reference} from {self.from_user} to {self.to_user}"

    def get_absolute_url(self) -> str:
        """Its page: the brief, and the press that accepts."""
        return reverse("incidents:handover-detail", args=[self.incident.reference, self.number])

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return not (self.accepted_at or self.declined_at or self.withdrawn_at)

    @property
    def subject_key(self) -> str:
        """What the promise to answer it is called."""
        return f"handover:{self.number}"
