"""Who must answer, and what if nobody does."""

from django.apps import AppConfig


class EscalationConfig(AppConfig):
    name = "escalation"
