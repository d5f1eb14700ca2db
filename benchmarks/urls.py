"""Muster's addresses and the two empty views that everything is compared with."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_not_required
def empty(request: HttpRequest) -> HttpResponse:
    """Nothing but what every request costs: the whole middleware, no session, no database."""
    return HttpResponse("")


def empty_signed_in(request: HttpRequest) -> HttpResponse:
    """What every page of somebody signed in costs before it does anything: the session and the person."""
    return HttpResponse(str(request.user.pk))


urlpatterns = [
    path("benchmark/empty", empty),
    path("benchmark/signed-in", empty_signed_in),
    path("", include("config.urls")),
]
