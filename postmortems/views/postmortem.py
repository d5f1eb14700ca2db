"""The list, the document, its Markdown and its paper, and the doors that open and publish it."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.errors import Refused
from core.htmx import HtmxRequest, go, render_part
from incidents.models import Incident
from incidents.permissions import can_respond
from postmortems.actions.postmortem import open_postmortem, publish_postmortem
from postmortems.enums import PostmortemStatus
from postmortems.export.document import document_markdown
from postmortems.export.paper import page_css
from postmortems.models import Postmortem
from postmortems.queries.postmortem import postmortem_list as query_list
from postmortems.views.document import asked_by, body_of, carry_out, fetch, record_of, show

PAGE_SIZE = 50


@require_safe
def postmortem_list(request: HtmxRequest) -> HttpResponse:
    """All of them, newest first, fifty at a time; `?q=` words, `?status=` one status, `?page=` the sheet."""
    words = request.GET.get("q", "").replace("\x00", "")[:200].strip()
    status = request.GET.get("status", "")
    status = status if status in PostmortemStatus.values else ""
    found = query_list(request.user, status=status, words=words)
    context = {
        "sheet": Paginator(found.rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "tabs": [(value, label, found.counts.get(value, 0)) for value, label in PostmortemStatus.choices],
        "owed": [] if words or status else found.owed,
        "status": status,
        "words": words,
    }
    return render_part(request, "postmortems/postmortem/list.html", context, part="postmortem-list")


@require_safe
def postmortem_detail(request: HtmxRequest, reference: str) -> HttpResponse:
    """The document; `?edit=` opens a section, `?item=` and `?drop=` an action item. Without one: a door to open it."""
    incidents = Incident.objects.visible_to(request.user).select_related("level")
    incident = get_object_or_404(incidents, reference=reference)
    if Postmortem.objects.filter(incident=incident).exists():
        return show(request, fetch(request, reference), asked_by(request))
    context = {"incident": incident, "may_open": can_respond(request.actor, incident)}
    return render(request, "postmortems/postmortem/none.html", context)


@require_POST
def postmortem_open(request: HtmxRequest, reference: str) -> HttpResponse:
    """Open a draft by hand, for a level that asks for none or when Muster did not."""
    incident = get_object_or_404(Incident.objects.visible_to(request.user), reference=reference)
    try:
        postmortem = open_postmortem(incident, by=request.actor, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return go(request, incident)
    return go(request, postmortem)


@require_POST
def postmortem_publish(request: HtmxRequest, reference: str) -> HttpResponse:
    """Publish it."""
    postmortem = fetch(request, reference)

    def publish() -> str:
        publish_postmortem(postmortem, by=request.actor, now=timezone.now())
        return "The postmortem is published."

    return carry_out(request, postmortem, publish)


@require_safe
def postmortem_markdown(request: HtmxRequest, reference: str) -> HttpResponse:
    """The whole document as Markdown."""
    postmortem = fetch(request, reference)
    head, entries = record_of(postmortem)
    sections = [(section.heading, body_of(section, postmortem, entries)) for section in postmortem.sections.all()]
    answer = HttpResponse(document_markdown(postmortem, head, sections), content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = f'inline; filename="{postmortem.incident.reference}.md"'
    return answer


@never_cache
@require_safe
def postmortem_print(request: HtmxRequest, reference: str) -> HttpResponse:
    """The style sheet of this document's paper: running header and page numbers."""
    head, _ = record_of(fetch(request, reference))
    css = page_css(head, organisation=settings.ORGANISATION_NAME)
    return HttpResponse(css, content_type="text/css; charset=utf-8")
