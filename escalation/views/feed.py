"""Calendar feeds: a person's page of them, and the document behind the secret address."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseForbidden
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refused
from core.htmx import HtmxRequest
from core.public import public_door
from escalation.actions.feed import create_feed, note_feed_read, renew_feed, revoke_feed
from escalation.export.feed import feed_calendar
from escalation.forms.feed import FeedForm
from escalation.models import CalendarFeed
from escalation.queries.feed import feed_content, feed_of, feeds_of

ADDRESS = "feed_address"  # in the session, from the press that made it to the one page that shows it


@require_http_methods(["GET", "HEAD", "POST"])
def feed_list(request: HtmxRequest) -> HttpResponse:
    """My feeds, the address of the one just made, and the form for another; `?schedule=` chooses one beforehand."""
    form = FeedForm(request.POST or None, initial={"schedule": request.GET.get("schedule")})
    if request.method == "POST":
        form = FeedForm(request.POST)
        if form.is_valid():
            try:
                _, address = create_feed(by=request.actor, now=timezone.now(), **form.cleaned_data)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                return _with_address(request, address)
    address = request.session.pop(ADDRESS, "") if request.method == "GET" and ADDRESS in request.session else ""
    context = {"form": form, "feeds": feeds_of(request.user), "address": address}
    return render(request, "escalation/feed/list.html", context, status=422 if form.errors else 200)


@require_POST
def feed_renew(request: HtmxRequest, prefix: str) -> HttpResponse:
    """A new address; the old one is dead at once."""
    try:
        _, address = renew_feed(_mine(request, prefix), by=request.actor, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("escalation:feed-list")
    return _with_address(request, address)


@require_POST
def feed_revoke(request: HtmxRequest, prefix: str) -> HttpResponse:
    """No calendar reads it any more."""
    try:
        feed = revoke_feed(_mine(request, prefix), by=request.actor, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Revoked: {feed.name}. Take it out of your calendar program as well.")
    return redirect("escalation:feed-list")


@public_door("A calendar program has no sign-in: the secret in the address is the whole authority.")
@require_safe
def feed_document(request: HtmxRequest, feed: str) -> HttpResponse:
    """The calendar; 304 without making it when nothing has changed, 403 when it was revoked."""
    found, now = feed_of(feed), timezone.now()
    if found is None:
        raise Http404("There is no calendar at this address.")
    if found.revoked_at is not None or not found.user.is_active:
        return _closed(
            HttpResponseForbidden("This calendar was revoked. Ask Muster for a new address.\n", "text/plain")
        )
    content = feed_content(found, now)
    found = note_feed_read(found, digest=content.digest, now=now)
    changed_at = found.changed_at or now
    etag = f'W/"{content.digest}"'
    response = get_conditional_response(request, etag=etag, last_modified=int(changed_at.timestamp()))
    if response is None:
        document = feed_calendar(found, content.shifts, now=now, changed_at=changed_at)
        response = HttpResponse(document, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="on-call.ics"'
    response["ETag"], response["Last-Modified"] = etag, http_date(changed_at.timestamp())
    return _closed(response)


def _mine(request: HtmxRequest, prefix: str) -> CalendarFeed:
    return get_object_or_404(CalendarFeed, prefix=prefix, user=request.user)


def _with_address(request: HtmxRequest, address: str) -> HttpResponse:
    request.session[ADDRESS] = request.build_absolute_uri(reverse("escalation:feed-document", args=[address]))
    return redirect("escalation:feed-list")


def _closed(response: HttpResponse) -> HttpResponse:
    """The address is a key: it goes into no index and no shared cache."""
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
