"""A team: people who own services and are told together."""

from django.db import models

from accounts.models.user import User


class Team(models.Model):
    """People who own services and are told together."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    members = models.ManyToManyField(User, related_name="teams", blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
