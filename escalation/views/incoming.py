"""Answers from outside: each door holds what came in against its signature or secret, and calls one action."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from comms.intake.mail import read_mail
from comms.intake.text import read_gateway, read_twilio
from comms.transports.gateway import fields_of
from comms.transports.twilio.account import is_signed
from comms.transports.twilio.words import text_back
from core.public import is_secret, public_door
from escalation.actions.incoming import ignore_text, take_mail, take_text

# The words of a mail stand before its attachments, and of those nothing is wanted.
READ_OF_A_MAIL = 1_000_000
FORMS = {"multipart/form-data", "application/x-www-form-urlencoded"}
MAIL_FIELDS = ("email", "body-mime", "raw", "message")
XML = "text/xml; charset=utf-8"


@public_door("Twilio posts here what people text, and the signature of our account is the whole authority.")
@csrf_exempt
@require_POST
def incoming_sms(request: HttpRequest) -> HttpResponse:
    """A text by Twilio; the answer is TwiML that texts one sentence back. Delivered again, it says the same again."""
    if not is_signed(request):
        return HttpResponseForbidden("This is not signed by our account.", content_type="text/plain")
    now, text = timezone.now(), read_twilio(request.POST.dict())
    if request.POST.get("OptOutType"):  # STOP and its like: Twilio has answered, and a text back would be refused
        return HttpResponse(text_back(ignore_text(text, now=now).reply), content_type=XML)
    return HttpResponse(text_back(take_text(text, now=now).reply), content_type=XML)


@public_door("An SMS gateway posts here what people text, and the secret in the address is the whole authority.")
@csrf_exempt
@require_POST
def incoming_text(request: HttpRequest, secret: str) -> HttpResponse:
    """A text by any other gateway, as a form or JSON; `{"reply": …}`, which is also sent to its person."""
    if not is_secret(secret, settings.SMS_GATEWAY_INCOMING_SECRET):
        return HttpResponseForbidden("This address is not known.", content_type="text/plain")
    text = read_gateway(fields_of(request))
    if text is None:
        return JsonResponse({"detail": "Send a number (from) and its words (text)."}, status=422)
    return JsonResponse({"reply": take_text(text, now=timezone.now(), by_message=True).reply})


@public_door("A mail provider posts here what people reply, and the secret in the address is the whole authority.")
@csrf_exempt
@require_POST
def incoming_mail(request: HttpRequest, secret: str) -> HttpResponse:
    """One mail as it stands, as the body or as the field in which providers put it.

    Whatever it says, it was taken; its person is told by a mail.
    """
    if not is_secret(secret, settings.MAIL_INCOMING_SECRET):
        return HttpResponseForbidden("This address is not known.", content_type="text/plain")
    if request.content_type in FORMS:
        raw = next((request.POST[name] for name in MAIL_FIELDS if name in request.POST), "").encode(errors="replace")
    else:
        raw = request.read(READ_OF_A_MAIL)
    answer = take_mail(read_mail(raw), now=timezone.now())
    return JsonResponse({"outcome": answer.outcome})
