"""A page on the phone: Twilio asks here what to say once somebody has picked up, and brings the key they press."""

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import User
from comms.actions.message import absolute
from comms.transports.twilio.account import is_signed
from comms.transports.twilio.words import say, speak
from core.errors import Refused
from core.public import public_door
from escalation.actions.press import take_press
from escalation.intake.reply import KEYS
from escalation.links import read_answer, sign_answer
from escalation.models import Page
from escalation.queries.incoming import name_of

XML = "text/xml; charset=utf-8"
KEYS_SPOKEN = "Press 1 if you are on it, 2 if you cannot, 3 if you will be there in 15 minutes, 9 to hear it again."
REPEAT = "9"


@public_door("Twilio asks here what to say to the person of a signed link, and its own signature is checked as well.")
@csrf_exempt
@require_POST
def call_speak(request: HttpRequest, token: str) -> HttpResponse:
    """The page as it stands now, twice, with the keys that answer it. Changes nothing: a voice mail picks up too."""
    if not is_signed(request):
        return HttpResponseForbidden("This is not signed by our account.", content_type="text/plain")
    try:
        page, person = read_answer(token, timezone.now())
    except Refused as refusal:
        return HttpResponse(say(str(refusal)), content_type=XML)
    return HttpResponse(_spoken(page, person), content_type=XML)


@public_door("Twilio brings here the key of the person of a signed link, and its own signature is checked as well.")
@csrf_exempt
@require_POST
def call_key(request: HttpRequest, token: str) -> HttpResponse:
    """1 on it, 2 cannot, 3 in 15 min; 9 and any other key let it be spoken again. Says what became of it."""
    if not is_signed(request):
        return HttpResponseForbidden("This is not signed by our account.", content_type="text/plain")
    now, key = timezone.now(), request.POST.get("Digits", "")
    try:
        page, person = read_answer(token, now)
    except Refused as refusal:
        return HttpResponse(say(str(refusal)), content_type=XML)
    if key not in KEYS:
        before = "" if key == REPEAT else "That key means nothing. "
        return HttpResponse(_spoken(page, person, before), content_type=XML)
    by = Actor(user=person, via=Via.PHONE)
    call = request.POST.get("CallSid", token)
    answer = take_press(page, by=by, now=now, press=key, key=f"call:{call}:{key}")
    return HttpResponse(say(answer.reply), content_type=XML)


def _spoken(page: Page, person: User, before: str = "") -> str:
    if page.stopped_at is not None:
        return say(f"{before}This page is over: {page.stop_reason}. {name_of(page)}")
    action = absolute(reverse("escalation:call-key", args=[sign_answer(page, person)]))
    return speak(f"{before}Muster rings {person.get_short_name()}. {name_of(page)}", keys=KEYS_SPOKEN, action=action)
