"""`manage.py demo`: a small organisation to look at. A second run changes nothing."""

import os
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from accounts.actor import Actor
from accounts.enums import Via
from core.command import DatabaseCommand
from core.errors import Refused
from incidents.actions.demo.organisation import Demo, set_up_demo


class Command(DatabaseCommand):
    """Make what is missing of the demo organisation, and say how to sign in."""

    help = "Make a small demo organisation: people, rotations, services, and one incident that is behind them."

    def handle(self, *args: Any, **options: Any) -> None:
        given = os.environ.get("MUSTER_DEMO_PASSWORD") or ""
        password = given or secrets.token_urlsafe(9)
        by = Actor(user=None, via=Via.COMMAND)
        try:
            demo = set_up_demo(by=by, now=timezone.now(), password=password, reset_passwords=bool(given))
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.say(demo, password)

    def say(self, demo: Demo, password: str) -> None:
        """What was made, and the way in."""
        handles = ", ".join(user.handle for user in demo.new_people)
        self.stdout.write(f"Demo people: {handles}." if handles else "The demo organisation is there already.")
        if demo.story:
            self.stdout.write(f"{demo.story.reference} is behind them; its postmortem is a draft.")
        if demo.new_passwords:
            who = ", ".join(user.handle for user in demo.new_passwords)
            self.stdout.write(f"Sign in at {settings.MUSTER_URL} with the password {password} as one of: {who}.")
