"""“Page me now”, and the confirmation that it arrived."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from accounts.enums import Via
from comms.actions.proof import confirm_proof, confirm_proof_by_code, start_proofs
from comms.forms.contact_point import CodeForm
from comms.links import read_proof
from comms.views.contact_point import done, person_to_reach, refused
from core.errors import Refused
from core.htmx import HtmxRequest
from core.public import public_door


@require_POST
def proof_start(request: HtmxRequest, handle: str) -> HttpResponse:
    """Page this person now by their whole urgent chain."""
    person = person_to_reach(request, handle)
    said = "Test pages are on their way, each at its moment in the urgent chain. Confirm each where it arrives."
    return done(request, person, lambda: start_proofs(person, by=request.actor, now=timezone.now()), said)


@require_POST
def proof_code(request: HtmxRequest, handle: str) -> HttpResponse:
    """The code of a test page that arrived."""
    person = person_to_reach(request, handle)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return refused(request, person, form)
    code, now = form.cleaned_data["code"], timezone.now()
    said = "Confirmed: this channel reaches its person."
    return done(request, person, lambda: confirm_proof_by_code(person, by=request.actor, now=now, code=code), said)


# No cookie acts here, so none can be abused; and with no-referrer a browser sends the Origin that CSRF checks refuse.
@public_door("The signed token proves that the message arrived, on a phone where nobody is signed in.")
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def proof_confirm(request: HttpRequest, proof: str) -> HttpResponse:
    """One button; GET and HEAD confirm nothing, because mail scanners open links."""
    said, row, status = "", None, 200
    try:
        row = read_proof(proof, timezone.now())
        if request.method == "POST" and request.POST.get("answer") == "reached":
            by = Actor(user=row.contact_point.user, via=Via.LINK)
            confirm_proof(row, by=by, now=timezone.now())
            return _closed(redirect("comms:proof-confirm", proof))
    except Refused as refusal:
        said, status = str(refusal), 410
    return _closed(render(request, "comms/proof/detail.html", {"proof": row, "said": said}, status=status))


def _closed(response: HttpResponse) -> HttpResponse:
    """The address is a key: it goes to no other site and into no index."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
