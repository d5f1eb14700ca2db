"""`manage.py engine status`: does the engine run? For people and for monitors."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from comms.queries.engine import EngineState, MonitorState, engine_state
from core.moments import show_left, show_moment

NO_DATABASE = "The database does not answer: nobody is rung. Start it; Muster goes on by itself."


class Command(BaseCommand):
    """Says whether the engine runs, what of it is silent and what waits; ends with 1 when it is stalled."""

    help = "Says whether the engine runs, what of it is silent and what waits; ends with 1 when it is stalled."

    def add_arguments(self, parser: CommandParser) -> None:
        """One subcommand so far."""
        parser.add_argument("subject", choices=["status"])
        parser.add_argument("--json", action="store_true", help="the same facts as /readyz")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a few lines, or one object."""
        now = timezone.now()
        try:
            engine = engine_state(now)
        except (InterfaceError, OperationalError):
            print(json.dumps({"database": False, "stalled": True}) if options["json"] else NO_DATABASE)
            raise SystemExit(1) from None
        if options["json"]:
            print(json.dumps({"database": True, **engine.facts()}, cls=DjangoJSONEncoder))
        else:
            print("\n".join(lines_of(engine, now)))
        if engine.is_stalled:
            raise SystemExit(1)


def lines_of(engine: EngineState, now: datetime) -> list[str]:
    """The state of the engine in words, the verdict last."""
    oldest, undone = engine.oldest_unsent_at, engine.oldest_undone_at
    lines = [
        f"Last tick: {_ago(engine.last_tick_at, now)}.",
        f"Unsent: {engine.unsent}{f', the oldest since {show_moment(oldest)}' if oldest else ''}.",
        *(
            [f"Not followed yet: {engine.undone}, the oldest since {show_moment(undone)}; tried again."]
            if undone
            else []
        ),
        *([f"At {show_moment(engine.set_back_at)}: {engine.set_back}"] if engine.set_back_at else []),
        *(f"Silent: {part}, last heard of {_ago(part.since, now)}." for part in engine.silent),
        _heartbeat(engine.monitor, now),
    ]
    return [*lines, f"The engine is stalled. {engine.advice}" if engine.is_stalled else "The engine runs."]


def _ago(moment: datetime | None, now: datetime) -> str:
    return f"{show_moment(moment)}, {show_left(now - moment)} ago" if moment else "never"


def _heartbeat(monitor: MonitorState | None, now: datetime) -> str:
    if monitor is None:
        return "Heartbeat: no outside monitor is set (MUSTER_HEARTBEAT_URL)."
    said = f"Heartbeat to {monitor.host}: last taken {_ago(monitor.taken_at, now)}."
    if monitor.held_since:
        said += f" Held back since {show_moment(monitor.held_since)}, because the engine is stalled."
    if monitor.failing_since:
        said += f" Failing since {show_moment(monitor.failing_since)}: {monitor.error}"
    return said
