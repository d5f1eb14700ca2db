"""A named person who was asked to read it."""

from django.db import models

from accounts.models import User
from postmortems.models.postmortem import Postmortem


class Review(models.Model):
    """One reviewer: asked, and then approved or not yet."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="postmortem_reviews")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["postmortem", "asked_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["postmortem", "reviewer"], name="review_once")]

    def __str__(self) -> str:
        return f"{self.reviewer} on {self.postmortem}"
