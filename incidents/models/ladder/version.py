"""The policy as data: a ladder is a row of immutable versions; an incident points at a level of one version.

Admin and `manage.py policy apply` both make a new version; nothing in a version ever changes.
"""

from datetime import time
from zoneinfo import ZoneInfo

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.models.user import validate_zone
from core.targets import BusinessCalendar
from incidents.enums import RoleKind

FROZEN = [pgtrigger.Protect(name="frozen", operation=pgtrigger.Update | pgtrigger.Delete)]


class Ladder(models.Model):
    """A severity ladder by name; what it says is in its newest version."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    is_default = models.BooleanField(default=False, help_text="The ladder that a declaration offers.")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="ladder_one_default")
        ]

    def __str__(self) -> str:
        return self.name

    def current(self) -> "LadderVersion":
        """The version in force. Raises LadderVersion.DoesNotExist for a ladder without any."""
        return self.versions.select_related("ladder").latest("number")


class LadderVersion(models.Model):
    """What a ladder said from one moment on. Never changed."""

    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    description = models.CharField(max_length=300, blank=True)
    default_policy = models.SlugField(blank=True, help_text="Escalation policy when no service is named.")
    confidence_from = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="A level named with less percent is looked at by a person first."
    )
    storm_from = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="So many alerts at once are one incident."
    )
    blind_level = models.CharField(
        max_length=20, blank=True, help_text="At least this level while health endpoints do not answer."
    )
    tasks_understood = models.BooleanField(
        default=False, help_text="Whoever is given a task says that they have understood it."
    )
    calendar_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    workdays = ArrayField(models.PositiveSmallIntegerField(), default=list, help_text="ISO weekdays; Monday is 1.")
    holidays = ArrayField(models.DateField(), default=list, blank=True)
    closes_at = models.TimeField(default=time(17, 0), help_text="End of a business day in the calendar's zone.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=300, blank=True, help_text="What changed, in words.")

    class Meta:
        ordering = ["ladder", "-number"]
        constraints = [models.UniqueConstraint(fields=["ladder", "number"], name="ladder_version_once")]
        triggers = FROZEN

    def __str__(self) -> str:
        return f"{self.ladder} v{self.number}"

    @property
    def calendar(self) -> BusinessCalendar:
        """The working days by which “next business day” is counted."""
        return BusinessCalendar(
            zone=ZoneInfo(self.calendar_zone),
            workdays=tuple(self.workdays),
            holidays=tuple(self.holidays),
            closes_at=self.closes_at,
        )


class RoleDefinition(models.Model):
    """A role as this ladder knows it, with its duties in words."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="roles")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField()
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=RoleKind.choices, default=RoleKind.OTHER)
    duties = models.TextField(blank=True, help_text="Shown to whoever holds it.")
    holds_several = models.BooleanField(default=False, help_text="More than one person at a time.")

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "slug"], name="role_definition_once"),
            models.UniqueConstraint(
                fields=["version"], condition=Q(kind=RoleKind.COMMANDER), name="role_definition_one_commander"
            ),
        ]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.name
