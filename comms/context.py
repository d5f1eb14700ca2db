"""Gives every page the engine's face, and whether its reader is awake."""

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from comms.queries.awake import awake_span
from comms.queries.engine import engine_state


def engine(request: HttpRequest) -> dict[str, Any]:
    """`engine`: an EngineState, asked for (one query) only by a template that shows it."""
    return {"engine": cache(lambda: engine_state(timezone.now()))}


def awake(request: HttpRequest) -> dict[str, Any]:
    """`awake`: the AwakeSpan of whoever looks, or something false; one query, where a template shows it."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"awake": None}
    return {"awake": cache(lambda: awake_span(user, timezone.now()))}
