"""A button of a message in a chat: Slack brings here who pressed what."""

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from comms.intake.slack import read_press
from comms.transports.slack import is_signed
from core.public import public_door
from escalation.actions.incoming import take_button
from escalation.intake.reply import BUTTONS


@public_door("Slack posts here what people press, and the signature of our app is the whole authority.")
@csrf_exempt
@require_POST
def press_slack(request: HttpRequest) -> HttpResponse:
    """Answer the page under the button; what became of it takes the place of its message.

    Slack wants an empty answer within three seconds, also to presses that are no answer of ours.
    """
    if not is_signed(request):
        return HttpResponseForbidden("This is not signed by our app.", content_type="text/plain")
    press = read_press(request.POST.get("payload", ""))
    if press is not None and press.answer in BUTTONS:
        take_button(press, now=timezone.now())
    return HttpResponse()
