"""What can break, and who owns it."""

from django.db import models

from accounts.models import Team, User
from escalation.models.policy import Policy


class Service(models.Model):
    """Something that can break. Its policy says who is rung for it."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="services")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_services")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, null=True, blank=True, related_name="services")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
