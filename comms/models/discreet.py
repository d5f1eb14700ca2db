"""What must not stand on a locked screen."""

from django.db import models


class DiscreetSubject(models.Model):
    """From `marked_at` on, what is said about this subject leaves phones without its words, as at a breach."""

    subject_key = models.CharField(max_length=80, unique=True)
    marked_at = models.DateTimeField()

    class Meta:
        ordering = ["subject_key"]

    def __str__(self) -> str:
        return self.subject_key
