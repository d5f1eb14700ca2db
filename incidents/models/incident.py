"""An incident: people decided that it matters."""

from typing import Any, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import Audience, User
from accounts.models.audience import VisibleQuerySet
from core.constraints import by_at
from core.history import written_once
from escalation.models import Service
from incidents.enums import ClosedAs, DataIntegrity, IncidentStatus, RevenueImpact, RoleKind
from incidents.models.ladder import Level
from incidents.states import OPEN

# What stands before the summary of an exercise, everywhere.
DRILL = "DRILL: "


class IncidentQuerySet(VisibleQuerySet):
    """What the board, the lists and the room ask."""

    def open(self) -> Self:
        """Incidents whose response goes on, the watch after “resolved” included."""
        return self.filter(closed_at__isnull=True)

    def worst_first(self) -> Self:
        """By severity, then the longest running first."""
        return self.order_by("level__rank", "declared_at")

    def for_rows(self) -> Self:
        """With everything that one row of a list shows, in a fixed number of queries."""
        return self.select_related("level__version__ladder", "service").prefetch_related("role_assignments__user")


class Incident(models.Model):
    """The record of one event.

    Moments are aware; `declared_at` is when people decided, `impact_began_at` when it began to hurt (unknown at
    first), `mitigated_at` when the bleeding stopped, `resolved_at` when it was over, `closed_at` when the response
    was. `last_entry` is the number of the newest timeline entry, given out under this row's lock.
    """

    number = models.PositiveIntegerField(unique=True)
    reference = models.CharField(max_length=24, unique=True, help_text="INC-YYYYMMDD-NNNN.")
    summary = models.CharField(max_length=200)
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="incidents")
    status = models.CharField(max_length=14, choices=IncidentStatus.choices, default=IncidentStatus.INVESTIGATING)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, blank=True, related_name="incidents")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, null=True, blank=True, related_name="incidents")
    is_drill = models.BooleanField(default=False, help_text="An exercise; said at its declaration, never later.")

    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    impact_began_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    mitigated_at = models.DateTimeField(null=True, blank=True)
    mitigated_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_as = models.CharField(max_length=16, choices=ClosedAs.choices, blank=True)
    closed_reason = models.CharField(max_length=300, blank=True)

    commander_wake_at = models.DateTimeField(
        null=True, blank=True, help_text="When the backup of the level is called if nobody commands by then."
    )
    commander_trouble = models.CharField(
        max_length=200, blank=True, help_text="Why the rule of the level, or its backup, found nobody to command."
    )

    what_happens = models.TextField(blank=True, help_text="What is happening, for the status document.")
    customers = models.CharField(max_length=200, blank=True, help_text="Who is affected, in words, with the source.")
    customers_count = models.PositiveIntegerField(null=True, blank=True)
    symptom = models.CharField(max_length=300, blank=True, help_text="What a user sees.")
    data_integrity = models.CharField(max_length=12, choices=DataIntegrity.choices, blank=True)
    revenue = models.CharField(max_length=12, choices=RevenueImpact.choices, blank=True)
    revenue_note = models.CharField(max_length=200, blank=True)
    revenue_amount = models.PositiveIntegerField(null=True, blank=True, help_text="In whole units of the currency.")

    public_state = models.CharField(
        max_length=14,
        choices=IncidentStatus.choices,
        blank=True,
        help_text="What the public was last told; empty: nothing.",
    )
    public_told_at = models.DateTimeField(null=True, blank=True)

    meeting_at = models.DateTimeField(null=True, blank=True, help_text="When the postmortem meeting is.")

    last_entry = models.PositiveIntegerField(default=0)
    last_activity_at = models.DateTimeField(help_text="The last sign of life of a person.")

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        indexes = [
            # Read by incidents.queries.board: open incidents only, however many are closed.
            models.Index(fields=["declared_at"], name="incident_open", condition=Q(closed_at__isnull=True)),
            # Read by incidents.actions.command.sweep_command.
            models.Index(
                fields=["commander_wake_at"],
                name="incident_commander_wake",
                condition=Q(commander_wake_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=IncidentStatus.values), name="incident_status_known"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_as="")
                | Q(closed_at__isnull=False, closed_as__in=ClosedAs.values),
                name="incident_closed_says_how",
            ),
            models.CheckConstraint(
                condition=Q(status=IncidentStatus.CLOSED, closed_at__isnull=False)
                | (~Q(status=IncidentStatus.CLOSED) & Q(closed_at__isnull=True)),
                name="incident_closed_has_its_moment",
            ),
            models.CheckConstraint(
                condition=~Q(status=IncidentStatus.RESOLVED) | Q(resolved_at__isnull=False),
                name="incident_resolved_has_its_moment",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=sorted(OPEN)) | Q(resolved_at__isnull=True),
                name="incident_open_is_not_resolved",
            ),
            models.CheckConstraint(
                condition=Q(impact_began_at__isnull=True)
                | Q(resolved_at__isnull=True)
                | Q(impact_began_at__lte=F("resolved_at")),
                name="incident_impact_before_resolution",
            ),
            models.CheckConstraint(
                condition=Q(public_state="", public_told_at__isnull=True)
                | Q(public_state__in=IncidentStatus.values, public_told_at__isnull=False),
                name="incident_public_state_has_its_moment",
            ),
            by_at("incident", "mitigated"),
            by_at("incident", "resolved"),
        ]
        triggers = [
            pgtrigger.Protect(name="never_taken_away", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="kept_as_it_was", fields=["number", "reference", "is_drill", "declared_at", "declared_by"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.summary}"

    @property
    def has_impact(self) -> bool:
        """Whether anything about the impact is known."""
        words = (self.what_happens, self.customers, self.symptom, self.data_integrity)
        return any(words) or self.customers_count is not None

    def get_absolute_url(self) -> str:
        """The room."""
        return reverse("incidents:incident-detail", args=[self.reference])

    @property
    def subject_key(self) -> str:
        """What pages and messages call their subject."""
        return f"incident:{self.reference}"

    @property
    def headline(self) -> str:
        """Level, summary, service: the first 100 characters of any message; that of a drill says so first."""
        tail = f" · {self.service.slug}" if self.service else ""
        head = f"[{self.level.name}] " + (DRILL if self.is_drill else "")
        room = 100 - len(head) - len(tail)
        summary = self.summary if len(self.summary) <= room else self.summary[: room - 1] + "…"
        return f"{head}{summary}{tail}"

    @property
    def fillings(self) -> dict[str, str]:
        """What {names} in a line of the policy stand for here; a service that is not named is not among them."""
        known = {
            "reference": self.reference,
            "level": self.level.name,
            "summary": self.summary,
            "status": self.get_status_display(),
            "from": f"{self.impact_began_at or self.declared_at:%Y-%m-%dT%H:%M:%SZ}",
        }
        return {**known, "service": self.service.slug} if self.service else known

    @property
    def is_open(self) -> bool:
        """Whether it is still going on: not resolved and not closed."""
        return self.status in OPEN

    @property
    def may_be_public(self) -> bool:
        """Whether the public may be told of it at all: nothing private ever is, and no drill."""
        return self.audience_id is None and not self.is_drill

    @property
    def commander(self) -> User | None:
        """Who commands now; free of queries where `for_rows` has fetched the roles."""
        for assignment in self.role_assignments.all():
            if assignment.kind == RoleKind.COMMANDER and assignment.ended_at is None:
                return assignment.user
        return None


class SeverityChangeQuerySet(models.QuerySet[Any]):
    """What the sweep, the room and the gates ask."""

    def unsettled(self) -> Self:
        """Raises that show already and can still be taken back, or have yet to take effect."""
        return self.filter(settled_at__isnull=True, taken_back_at__isnull=True)


class SeverityChange(models.Model):
    """One change of level. A raise can be taken back for ten seconds."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="severity_changes")
    before = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    takes_effect_at = models.DateTimeField(help_text="Until then it can be taken back; then it rings.")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When it took effect: pages, promises.")
    taken_back_at = models.DateTimeField(null=True, blank=True)

    objects = SeverityChangeQuerySet.as_manager()

    class Meta:
        ordering = ["incident", "at", "pk"]
        indexes = [
            # Read by incidents.actions.severity.settle_due_changes.
            models.Index(
                fields=["takes_effect_at"],
                name="severity_unsettled",
                condition=Q(settled_at__isnull=True, taken_back_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(taken_back_at__isnull=True), name="severity_settled_or_back"
            ),
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(settled_at__isnull=True, taken_back_at__isnull=True),
                name="severity_one_unsettled",
            ),
        ]
        triggers = written_once(later=["settled_at", "taken_back_at"])

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.before} to {self.after}"


class Submission(models.Model):
    """One press of a button, by the key that the browser gave it: the same key twice acts once."""

    key = models.UUIDField(unique=True)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, null=True, related_name="submissions")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    was_here_before = False  # set by the action that claims it

    def __str__(self) -> str:
        return f"{self.key} by {self.user}"
