"""A button of a message in a chat, or a reaction to it: Slack brings here who pressed what."""

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from comms.intake.slack import read_challenge, read_press, read_reaction
from comms.transports.slack import is_signed
from core.public import public_door
from escalation.actions.press import take_button, take_reaction
from escalation.intake.reply import BUTTONS, REACTIONS


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


@public_door("Slack posts here how people react to messages, and the signature of our app is the whole authority.")
@csrf_exempt
@require_POST
def react_slack(request: HttpRequest) -> HttpResponse:
    """Answer the page of the message under which somebody put a reaction that means something.

    Slack is given its challenge back when it asks for one, and an empty answer to everything else.
    """
    if not is_signed(request):
        return HttpResponseForbidden("This is not signed by our app.", content_type="text/plain")
    if challenge := read_challenge(request.body):
        return HttpResponse(challenge, content_type="text/plain")
    reaction = read_reaction(request.body)
    if reaction is not None and reaction.name in REACTIONS:
        take_reaction(reaction, now=timezone.now())
    return HttpResponse()
