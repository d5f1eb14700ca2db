"""How allauth signs people in here."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib import messages
from django.http import HttpRequest

logger = logging.getLogger(__name__)


class ClosedSignupAdapter(DefaultAccountAdapter):
    """Nobody signs themselves up: an admin makes the accounts of a command post."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, and when no mail can leave, say so instead of breaking; known or not, everybody reads the same."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError:  # SMTPException among them
            logger.exception("A mail about an account could not be sent.")
            messages.error(
                allauth_context.request, "No mail can leave here just now. Ask an admin for a new password."
            )
