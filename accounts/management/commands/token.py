"""`manage.py token create --user ana --scope respond`: make a key for a machine."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.actions.token import create_token
from accounts.actor import Actor
from accounts.enums import TokenScope, Via
from accounts.models import User
from core.command import DatabaseCommand
from core.errors import Refused


class Command(DatabaseCommand):
    """Prints the key once; nobody can read it again."""

    help = "Makes an API key for a person and prints it once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and what for."""
        parser.add_argument("verb", choices=["create"])
        parser.add_argument("--user", required=True, help="the handle of the owner, like ana")
        parser.add_argument("--scope", required=True, choices=TokenScope.values)
        parser.add_argument("--name", default="", help="what the key is for")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it."""
        handle = options["user"].removeprefix("@").lower()
        user = User.objects.filter(handle=handle).first()
        if user is None:
            raise CommandError(f"There is nobody called @{handle}.")
        by = Actor(user=None, via=Via.COMMAND)
        try:
            _, key = create_token(user, by=by, now=timezone.now(), scope=options["scope"], name=options["name"])
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        print(key)
