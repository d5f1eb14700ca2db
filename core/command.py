"""What every command of `manage.py` that asks the database says when there is none: a sentence, and exit code 1."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError, connection
from psycopg.errors import UndefinedColumn, UndefinedTable


class DatabaseCommand(BaseCommand):
    """A command that needs the database. One that does not answer, or that was not prepared, is no traceback."""

    def run_from_argv(self, argv: list[str]) -> None:
        """In a process of its own: one connection and no pool, which would try for ten seconds and tell the log."""
        connection.settings_dict["OPTIONS"].pop("pool", None)
        super().run_from_argv(argv)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Raise CommandError instead of what Django says about the database."""
        try:
            return super().execute(*args, **options)
        except OperationalError as error:
            raise CommandError(f"The database of DATABASE_URL does not answer: {str(error).strip()}") from error
        except ProgrammingError as error:
            if isinstance(error.__cause__, UndefinedTable | UndefinedColumn):
                what = "The database is not that of this Muster yet; run `manage.py migrate` first"
                raise CommandError(f"{what}: {str(error).splitlines()[0]}.") from error
            raise
