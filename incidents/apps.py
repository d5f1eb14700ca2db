"""The record of one event and the people working on it."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "incidents"

    def ready(self) -> None:
        """Connect what is heard of pages and messages."""
        import incidents.receivers  # noqa: F401, PLC0415
