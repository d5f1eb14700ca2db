"""Whether what is about to be saved is what was shown: for pages with a preview."""

from django.contrib import messages

from core.htmx import HtmxRequest
from escalation.queries.calendar import Preview

LOOK_AGAIN = "Nothing is saved yet: this is what would change now."


def was_seen(request: HtmxRequest, preview: Preview) -> bool:
    """Whether the save button stood beside this very preview; if others changed the schedule meanwhile, it did not."""
    if request.POST.get("save") and request.POST["save"] != preview.fingerprint:
        messages.warning(request, LOOK_AGAIN)
    return request.POST.get("save") == preview.fingerprint
