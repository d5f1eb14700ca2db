"""Registers core so that its template tags are found."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
