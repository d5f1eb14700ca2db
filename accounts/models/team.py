"""A team: people who own services and are told together."""

from django.db import models

from accounts.models.user import User


class Team(models.Model):
    """People who own services and are told together."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    lead = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Answers for a service of the team that has no owner and nobody on call.",
    )
    members = models.ManyToManyField(User, related_name="teams", blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
