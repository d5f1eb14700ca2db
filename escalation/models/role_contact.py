"""Whom to reach for what, in words: the contact table of an organisation."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from core.fields import TargetField
from escalation.models.schedule import Schedule

METHODS = "How to reach them: by Muster, then phone; a mail address; a chat handle."


class RoleContact(models.Model):
    """One row: a role; who it is: a person, whoever is on call, or somebody outside; how; how soon they answer."""

    role = models.CharField(max_length=80, help_text="Like Engineering lead.")
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="role_contacts")
    schedule = models.ForeignKey(
        Schedule,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="role_contacts",
        verbose_name="on call in",
        help_text="Whoever is on call there.",
    )
    outside = models.CharField(
        max_length=120, blank=True, help_text="Somebody without an account, with their number: the host's support."
    )
    method = models.CharField(max_length=120, blank=True, help_text=METHODS)
    respond_within = TargetField(verbose_name="expected response", help_text="Like 5 min, or next business day.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Rows stand in this order.")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, schedule__isnull=True, outside="")
                | Q(person__isnull=True, schedule__isnull=False, outside="")
                | (Q(person__isnull=True, schedule__isnull=True) & ~Q(outside="")),
                name="role_contact_names_one",
                violation_error_message="Say who it is by exactly one of: a person, on call in, or outside.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.who}"

    @property
    def who(self) -> str:
        """Who it is, in words that stay true when the shift changes."""
        if self.person is not None:
            return self.person.get_short_name()
        return f"on call in {self.schedule}" if self.schedule is not None else self.outside
