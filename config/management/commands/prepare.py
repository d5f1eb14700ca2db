"""`manage.py prepare`: bring the database to what this Muster needs, in one process.

A Python that loads Django anew for each step would take the whole five seconds that `make run` has.
"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, SystemCheckError
from django.db import OperationalError

from config.checks import far_addresses, known_key_refusal, loopback_refusal, phone_providers


class Command(BaseCommand):
    """Migrate, refuse what is not safe to start, and with --demo fill the database. Done again it changes nothing."""

    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--demo: the demo organisation as well, with the `pager` policy unless there is another."""
        parser.add_argument("--demo", action="store_true", help="the demo organisation as well, with a policy")

    def handle(self, *, demo: bool, **options: Any) -> None:
        """Exit 1 with one sentence on standard error when Muster cannot start on this database."""
        refusal = self.prepare(demo=demo)
        if refusal:
            self.stderr.write(refusal)
            raise SystemExit(1)

    def prepare(self, *, demo: bool) -> str | None:
        """Do it; the sentence that refuses to go on, or None."""
        try:
            call_command("migrate", interactive=False, verbosity=0, stdout=self.stdout)
            url, addresses = settings.MUSTER_URL, far_addresses()
            refusal = loopback_refusal(
                url, email_host=settings.EMAIL_HOST, addresses=addresses, phones=phone_providers()
            )
            refusal = refusal or known_key_refusal(url, settings.SECRET_KEY)
            if refusal is None and demo:
                call_command("demo", stdout=self.stdout)
        except OperationalError as error:
            return f"The database of DATABASE_URL does not answer: {str(error).strip()}"
        except (CommandError, SystemCheckError) as error:
            return str(error)
        return refusal
