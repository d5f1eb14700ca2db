"""Gives every page the engine's face."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from comms.queries.engine import engine_state


def engine(request: HttpRequest) -> dict[str, Any]:
    """`engine`: an EngineState, asked for (one query) only by a template that shows it."""
    return {"engine": SimpleLazyObject(lambda: engine_state(timezone.now()))}
