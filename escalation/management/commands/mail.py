"""`manage.py mail receive`: one mail on standard input, as a mail server pipes it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error
from django.utils import timezone

from comms.intake.mail import read_mail
from escalation.actions.incoming import take_mail

# What sysexits.h calls EX_TEMPFAIL: the mail server keeps the mail and tries again.
TRY_AGAIN = 75


class Command(BaseCommand):
    """Takes one mail, and answers the page that it names; ends with 75 when the database is away."""

    help = "Takes one mail from standard input; ends with 75 when the database is away, so that it is tried again."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """One subcommand so far."""
        parser.add_argument("subject", choices=["receive"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what became of it, without its words."""
        try:
            answer = take_mail(read_mail(sys.stdin.buffer.read()), now=timezone.now())
        except Error as error:
            self.stderr.write(f"The mail was not taken: {error}")
            raise SystemExit(TRY_AGAIN) from error
        self.stdout.write(f"{answer.get_outcome_display()}.")
