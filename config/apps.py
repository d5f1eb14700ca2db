"""The wiring as a Django app: it brings the checks, the worker's reports and `manage.py prepare`, and no models."""

from django.apps import AppConfig


class WiringConfig(AppConfig):
    """Registers the checks and the reports."""

    name = "config"

    def ready(self) -> None:
        from config import checks, reports  # noqa: F401, PLC0415
