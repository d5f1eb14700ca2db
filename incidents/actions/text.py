"""Words for an audience, as the incident's ladder has them."""

from collections.abc import Sequence
from datetime import datetime

from core.moments import organisation_zone
from incidents.enums import Occasion, TextAudience
from incidents.export.texts import Said, choose_text, fill, values_of
from incidents.models import Incident, MessageTemplate
from incidents.queries.texts import commander_and_thanks, texts_of


def words_for(
    audience: TextAudience,
    occasion: Occasion,
    incident: Incident,
    said: Said,
    *,
    now: datetime,
    next_by: datetime | None = None,
    resolution: str = "",
    texts: Sequence[MessageTemplate] | None = None,
    people: tuple[str, str] | None = None,
) -> str:
    """The ladder's text for `audience` on `occasion` filled in, else one of our own; empty when there is neither.

    `texts` are those of the ladder and `people` who commands and who held a role, where they are known already.
    Those inside read everything that was said: words of one's own that the text does not hold stand above it.
    """
    known = texts_of(incident, occasion, [audience]) if texts is None else texts
    text = choose_text(known, audience, occasion, incident.level.name)
    needs_people = "{commander}" in text or "{thanks}" in text
    commander, thanks = people or (commander_and_thanks(incident) if needs_people else ("", ""))
    values = values_of(
        incident,
        said,
        now=now,
        zone=organisation_zone(),
        next_by=next_by,
        commander=commander,
        resolution=resolution,
        thanks=thanks,
    )
    filled = fill(text, values)
    if audience == TextAudience.INTERNAL and said.text and "{text}" not in text:
        return f"{said.text}\n\n{filled}".strip()
    return filled
