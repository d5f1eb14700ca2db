"""Texts of an incident's ladder, and who is named in them."""

from collections.abc import Sequence

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet, TextField
from django.db.models.functions import JSONObject

from comms.models import Subscription
from core.prepared import Given, Prepared, given_key
from incidents.enums import EntryKind, IncidentStatus, Occasion, RoleKind, TextAudience
from incidents.models import Incident, MessageTemplate, StatusUpdate


def texts_of(incident: Incident, occasion: Occasion, audiences: Sequence[TextAudience]) -> list[MessageTemplate]:
    """The texts for `audiences` on `occasion`, in the ladder's order; one query."""
    rows = MessageTemplate.objects.filter(version=incident.level.version_id, occasion=occasion)
    return list(rows.filter(audience__in=audiences).order_by("position"))


def channel_with_texts(incident: Incident, occasion: Occasion) -> tuple[Subscription | None, list[MessageTemplate]]:
    """The level's own channel, if it works, and the internal texts on `occasion`; one query."""
    level = incident.level
    channel = CHANNEL.first(name=level.chat_channel, version=level.version_id, occasion=occasion)
    return channel, [MessageTemplate(**fields) for fields in vars(channel)["texts"]] if channel else []


def _channel() -> QuerySet[Subscription]:
    fields = JSONObject(audience="audience", occasion="occasion", levels="levels", text="text")
    texts = MessageTemplate.objects.filter(
        version=given_key("version"),
        occasion=Given("occasion", TextField()),
        audience=TextAudience.INTERNAL,
    )
    rows = Subscription.objects.filter(name=Given("name", TextField()), is_enabled=True)
    return rows.annotate(texts=ArraySubquery(texts.order_by("position").values(found=fields))).order_by("pk")[:1]


CHANNEL = Prepared(_channel)


def commander_and_thanks(incident: Incident) -> tuple[str, str]:
    """Who commands now (empty: nobody), and everybody who held a role, each once; one query."""
    rows = list(incident.role_assignments.select_related("user").order_by("began_at", "pk"))
    commands = [str(row.user) for row in rows if row.kind == RoleKind.COMMANDER and row.ended_at is None]
    return next(iter(commands), ""), ", ".join(dict.fromkeys(str(row.user) for row in rows))


def resolution_of(incident: Incident) -> str:
    """What ended it, in the words of whoever resolved it last; empty where they gave none; one query."""
    steps = incident.entries.filter(kind=EntryKind.STATUS, facts__after=IncidentStatus.RESOLVED)
    last = steps.order_by("-number").first()
    return str(last.facts.get("resolution", "")) if last else ""


def last_words(incident: Incident) -> StatusUpdate | None:
    """The last update that said where it stands: not “no change”, not words for the public alone; one query."""
    return incident.status_updates.with_substance().first()
