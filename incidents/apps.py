"""The record of one event and the people working on it."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "incidents"
