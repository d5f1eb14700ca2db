"""`manage.py engine status`, as a person or a monitor runs it."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from tests.factories.comms import EngineTickFactory, MessageFactory

pytestmark = pytest.mark.django_db


def test_it_says_that_the_engine_runs(time_machine, now, capsys):
    time_machine.move_to(now, tick=False)
    EngineTickFactory(ticked_at=now - timedelta(seconds=4))
    MessageFactory(deliver_after=now - timedelta(seconds=3))

    call_command("engine", "status")

    assert capsys.readouterr().out == (
        "Last tick: 2026-04-18 12:22 UTC, 0:04 ago.\nUnsent: 1, the oldest since 2026-04-18 12:22 UTC.\n"
        "The engine runs.\n"
    )


def test_it_ends_with_one_when_the_engine_is_stalled(capsys):
    with pytest.raises(SystemExit) as end:
        call_command("engine", "status")

    assert end.value.code == 1
    assert capsys.readouterr().out == (
        "Last tick: never.\nUnsent: 0.\nThe engine is stalled: nobody is rung. Restart the worker.\n"
    )


def test_it_knows_no_other_question():
    with pytest.raises(CommandError, match="invalid choice: 'start'"):
        call_command("engine", "start")
