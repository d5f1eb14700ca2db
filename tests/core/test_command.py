"""Commands without a database end with a sentence and exit code 1."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

COMMANDS = [
    ("policy", "plan", "pager"),
    ("policy", "apply", "pager"),
    ("policy", "export"),
    ("policy", "lint"),
    ("token", "create", "--user", "ana", "--scope", "read"),
    ("demo",),
]


@pytest.mark.django_db
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_database_that_does_not_answer_is_a_sentence(command: tuple[str, ...]) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("connection refused\n")

    said = r"^The database of DATABASE_URL does not answer: connection refused$"
    with connection.execute_wrapper(refuse), pytest.raises(CommandError, match=said) as ended:
        call_command(*command)
    assert ended.value.returncode == 1


def test_on_the_command_line_it_is_that_sentence_and_nothing_else(tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": f"postgresql://postgres@/muster?host={tmp_path}"}
    command = [sys.executable, "manage.py", *COMMANDS[0]]
    ended = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("CommandError: The database of DATABASE_URL does not answer: connection")
    assert "Traceback" not in ended.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("command", COMMANDS[:3], ids=" ".join)
def test_a_database_that_was_not_prepared_names_what_to_run(command: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE incidents_ladder RENAME TO of_another_muster")

    said = r'run `manage.py migrate` first: relation "incidents_ladder" does not exist'
    with pytest.raises(CommandError, match=said):
        call_command(*command)
