"""A customer says that they are affected."""

from django.db import models

from accounts.models import User
from core.history import written_once
from incidents.models.incident import Incident


class CustomerReport(models.Model):
    """One customer who reported it, as somebody who talks to customers pressed."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="customer_reports")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["incident", "at", "pk"]
        triggers = written_once()

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.note or 'a customer reports it'}"
