"""What was learned."""

from django.apps import AppConfig


class PostmortemsConfig(AppConfig):
    name = "postmortems"

    def ready(self) -> None:
        """Let the receivers hear."""
        from postmortems import receivers  # noqa: F401, PLC0415
