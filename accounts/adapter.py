"""How allauth signs people in here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignupAdapter(DefaultAccountAdapter):
    """Nobody signs themselves up: an admin makes the accounts of a command post."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False
