"""Dashboards and logs of the affected services, with what is asked of them filled in."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.filling import fill_link, names_in
from incidents.models import LinkTemplate
from incidents.queries.room import Room

BEFORE = timedelta(hours=1)


@dataclass(frozen=True)
class Link:
    """Where to look, and what for."""

    name: str
    url: str
    hint: str


def links_of(room: Room) -> list[Link]:
    """The links of the ladder for the affected services: from an hour before it began until now, or its end."""
    incident = room.incident
    began = (incident.impact_began_at or incident.declared_at) - BEFORE
    span = {"from": _stamp(began), "until": _stamp(incident.resolved_at or room.now)}
    slugs = [row.service.slug for row in room.work.services]
    return [
        Link(
            f"{template.name} · {slug}" if slug and len(slugs) > 1 else template.name,
            _filled(template, slug, span),
            template.hint,
        )
        for template in room.work.links
        for slug in _services_of(template, slugs)
    ]


def _services_of(template: LinkTemplate, slugs: list[str]) -> list[str]:
    """For which services a link is shown: its own if that is affected, each where it asks for one, else once."""
    if template.service:
        return [template.service] if template.service in slugs else []
    return slugs if "service" in names_in(template.url) else [""]


def _filled(template: LinkTemplate, slug: str, span: dict[str, str]) -> str:
    return fill_link(template.url, {**span, "service": slug})


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
