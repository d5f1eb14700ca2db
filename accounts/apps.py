"""People, teams, tokens and audiences."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
