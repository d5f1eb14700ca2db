"""The wiring as a Django app: it brings the checks and `manage.py prepare`, and no models."""

from django.apps import AppConfig


class WiringConfig(AppConfig):
    """Registers the checks."""

    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401, PLC0415
