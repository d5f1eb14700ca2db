"""Gives every request its actor."""

from collections.abc import Callable

from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import User


class ActorMiddleware:
    """Sets `request.actor`: the signed-in person, by web. A request of nobody has no actor.

    `request.user` is the user itself from here on, not Django's stand-in for one, which every look has to pass.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = user = get_user(request)
        if isinstance(user, User):
            request.actor = Actor(user=user, via=Via.WEB)  # type: ignore[attr-defined]
        return self.get_response(request)
