"""The door for what providers say later of what they have taken."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from comms.actions.report import record_report
from comms.intake.report import read_report
from comms.models import Message
from comms.transports.twilio.account import is_signed
from core.public import public_door


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
