"""The door for what providers say later of what they have taken."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from comms.actions.report import record_report
from comms.enums import Transport
from comms.intake.report import read_gateway_report, read_report
from comms.models import Message
from comms.queries.delivery import message_reported
from comms.transports.gateway import fields_of
from comms.transports.twilio.account import is_signed
from core.public import is_secret, public_door


@public_door("Twilio posts here whether a message arrived, and the signature of our account is the whole authority.")
@csrf_exempt
@require_POST
def delivery_report(request: HttpRequest, message: UUID) -> HttpResponse:
    """One status of one message, named by its key. A status that nobody knows changes nothing."""
    if not is_signed(request):
        return HttpResponseForbidden("This is not signed by our account.", content_type="text/plain")
    found = get_object_or_404(Message, key=message)
    incoming = read_report(request.POST.dict())
    if incoming is not None:
        record_report(found, incoming, now=timezone.now())
    return HttpResponse(status=204)


@public_door("An SMS gateway posts here whether a text arrived, and the secret in the address is the whole authority.")
@csrf_exempt
@require_POST
def gateway_report(request: HttpRequest, secret: str) -> HttpResponse:
    """One status of one text, as a form or JSON, named by our key or by the gateway's own."""
    if not is_secret(secret, settings.SMS_GATEWAY_REPORT_SECRET):
        return HttpResponseForbidden("This address is not known.", content_type="text/plain")
    incoming = read_gateway_report(fields_of(request))
    if incoming is None:
        return JsonResponse({"detail": "Send the status, and the key or the id of the message."}, status=422)
    found = message_reported(incoming, Transport.GATEWAY)
    if found is None:
        raise Http404("No text has this name.")
    record_report(found, incoming, now=timezone.now())
    return HttpResponse(status=204)
