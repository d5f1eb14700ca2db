"""`manage.py engine status`: does the engine run? For people and for monitors."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from comms.queries.engine import engine_state
from core.moments import show_left, show_moment


class Command(BaseCommand):
    """Says when the engine last ticked and what waits; ends with 1 when it is stalled."""

    help = "Says when the engine last ticked and what waits to be sent; ends with 1 when it is stalled."

    def add_arguments(self, parser: CommandParser) -> None:
        """One subcommand so far."""
        parser.add_argument("subject", choices=["status"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Print three lines."""
        now = timezone.now()
        engine = engine_state(now)
        tick, oldest = engine.last_tick_at, engine.oldest_unsent_at
        print(f"Last tick: {f'{show_moment(tick)}, {show_left(now - tick)} ago' if tick else 'never'}.")
        print(f"Unsent: {engine.unsent}{f', the oldest since {show_moment(oldest)}' if oldest else ''}.")
        print(
            "The engine is stalled: nobody is rung. Restart the worker." if engine.is_stalled else "The engine runs."
        )
        if engine.is_stalled:
            raise SystemExit(1)
