"""Doors that need no sign-in: everything else does, and each of these says why it does not."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.utils.crypto import constant_time_compare

View = TypeVar("View", bound=Callable[..., Any])


def public_door(reason: str) -> Callable[[View], View]:
    """Let everybody in to a view, and keep `reason`, a sentence, on it as `public_because`.

    `@public_door("A load balancer asks it.")` stands outermost. Raises ValueError without a sentence.
    """
    if len(reason.split()) < 3 or not reason.endswith("."):
        raise ValueError(f"A public door says why in a sentence, not {reason!r}.")

    def open_door(view: View) -> View:
        view.public_because = reason  # type: ignore[attr-defined]
        return login_not_required(view)

    return open_door


def is_secret(given: str, secret: str) -> bool:
    """Whether `given` is the secret that opens a door; without a secret the door is shut."""
    return bool(secret) and constant_time_compare(given, secret)
