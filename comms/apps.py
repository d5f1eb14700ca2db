"""The post office."""

from django.apps import AppConfig


class CommsConfig(AppConfig):
    name = "comms"

    def ready(self) -> None:
        """Connect what is heard of receivers that failed."""
        import comms.receivers  # noqa: F401, PLC0415
