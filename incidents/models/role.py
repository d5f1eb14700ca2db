"""Who holds which role, from when to when."""

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.history import written_once
from incidents.enums import RoleKind
from incidents.models.incident import Incident


class RoleAssignment(models.Model):
    """One person in one role for a span; both ends are kept.

    Of who commands, the sweep knows more: `shift_ends_at` is the end of their shift on call as it was seen last (None:
    they are not on call, or for longer than two weeks), `wake_at` when it looks again, `prompted_at` when they were
    asked, once, to hand over. `alive_at` is their last sign of life in the incident (None: they have never answered),
    `asked_at` when they were asked for one since, `absent_at` when they were taken for absent and the backup called.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="role_assignments")
    role = models.SlugField(help_text="A role of the ladder, by its slug.")
    kind = models.CharField(max_length=12, choices=RoleKind.choices)
    name = models.CharField(max_length=60)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_assignments")
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    shift_ends_at = models.DateTimeField(null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)
    prompted_at = models.DateTimeField(null=True, blank=True)
    alive_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    absent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["incident", "began_at", "pk"]
        indexes = [
            # Read by incidents.actions.command.sweep_command.
            models.Index(
                fields=["wake_at"], name="role_wake", condition=Q(wake_at__isnull=False, ended_at__isnull=True)
            ),
            # Read by incidents.queries.me: what one person holds.
            models.Index(fields=["user"], name="role_held", condition=Q(ended_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(kind=RoleKind.COMMANDER, ended_at__isnull=True),
                name="role_one_commander",
            ),
            models.UniqueConstraint(
                fields=["incident", "role", "user"], condition=Q(ended_at__isnull=True), name="role_once_a_person"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")), name="role_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(absent_at__isnull=True) | Q(asked_at__isnull=False), name="role_absent_was_asked"
            ),
        ]
        triggers = written_once(
            later=["ended_at"], free=["shift_ends_at", "wake_at", "prompted_at", "alive_at", "asked_at", "absent_at"]
        )

    def __str__(self) -> str:
        return f"{self.user} as {self.name} of {self.incident.reference}"
