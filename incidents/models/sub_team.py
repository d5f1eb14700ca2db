"""A part of the response team that works on one thing, under a lead of its own."""

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.history import written_once
from incidents.models.incident import Incident


class SubTeam(models.Model):
    """People of one incident who work on one thing; `ended_at` once it was dissolved."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="sub_teams")
    name = models.CharField(max_length=40, help_text="What they work on, in one word: database.")
    lead = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["incident", "made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "name"], condition=Q(ended_at__isnull=True), name="sub_team_once_a_name"
            ),
        ]
        triggers = written_once(later=["ended_at"], free=["lead"])

    def __str__(self) -> str:
        return f"{self.name} of {self.incident.reference}"


class SubTeamMember(models.Model):
    """One person in a sub-team, the lead included, until `left_at` or the end of the team; back again in a new row."""

    team = models.ForeignKey(SubTeam, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["team", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"], condition=Q(left_at__isnull=True), name="sub_team_member_once"
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("joined_at")), name="sub_team_member_in_order"
            ),
        ]
        triggers = written_once(later=["left_at"])

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"
