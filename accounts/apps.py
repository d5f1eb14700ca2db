"""People, teams, tokens and audiences."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"  # allauth has an app called Accounts: the admin showed two boxes of one name
