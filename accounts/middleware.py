"""Gives every request its actor, and lets in nobody who has not signed in."""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware, get_user
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import User
from core.typed import typed_words


class SignInMiddleware(LoginRequiredMiddleware):
    """As Django's own, but whoever sent a form after their sign-in had ended gets their words back, with 403.

    A request of htmx is led to the sign-in like any other: the page that sent it still has the words.
    """

    def handle_no_permission(  # type: ignore[override]  # Django calls it for any answer, and promises a redirect
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        """The words, or the way to the sign-in."""
        if "HX-Request" not in request.headers and typed_words(request):
            return render(request, "signed_out.html", status=403)
        return super().handle_no_permission(request, view_func)


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
