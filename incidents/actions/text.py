"""Words for an audience, as the incident's ladder has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.moments import organisation_zone
from incidents.enums import Occasion, TextAudience
from incidents.export.texts import Said, choose_text, fill, text_of_ladder, values_of
from incidents.models import Incident, MessageTemplate
from incidents.queries.policy import policy_of
from incidents.queries.public_word import next_public_by
from incidents.queries.texts import commander_and_thanks, last_words, resolution_of, texts_of
from incidents.states import OPEN

OUTSIDE = (TextAudience.PUBLIC, TextAudience.SOCIAL, TextAudience.CUSTOMERS)


@dataclass(frozen=True)
class ReadyText:
    """A text for others outside, filled in: who it is for, on which occasion, and its subject where it has one."""

    audience: TextAudience
    occasion: Occasion
    subject: str
    text: str

    @property
    def key(self) -> str:
        """What its elements are called on a page."""
        return f"{self.audience}-{self.occasion}"


def words_for(
    audience: TextAudience,
    occasion: Occasion,
    incident: Incident,
    said: Said,
    *,
    now: datetime,
    next_by: datetime | None = None,
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
        resolution=resolution_of(incident) if "{resolution}" in text else "",
        thanks=thanks,
    )
    filled = fill(text, values)
    if audience == TextAudience.INTERNAL and said.text and "{text}" not in text:
        return f"{said.text}\n\n{filled}".strip()
    return filled


def texts_to_copy(incident: Incident, *, now: datetime) -> list[ReadyText]:
    """What the ladder has for the public, for social media and for customers as things stand, in that order.

    While it goes on what is said at the declaration and with an update, once it is over what is said then. Nothing of
    what is private or a drill. Muster sends none of them.
    """
    if not incident.may_be_public:
        return []
    texts = policy_of(incident).version.texts.all()
    occasions = (Occasion.DECLARED, Occasion.UPDATE) if incident.status in OPEN else (Occasion.RESOLVED,)
    asked = [(audience, occasion) for audience in OUTSIDE for occasion in occasions]
    found = [
        (audience, occasion, row)
        for audience, occasion in asked
        if (row := text_of_ladder(texts, audience, occasion, incident.level.name))
    ]
    values = _values_outside(incident, now=now) if found else {}
    return [
        ReadyText(audience, occasion, fill(row.subject, values), fill(row.text, values))
        for audience, occasion, row in found
    ]


def _values_outside(incident: Incident, *, now: datetime) -> Mapping[str, str]:
    """What was said last stands in the place of what nobody has said anew."""
    commander, thanks = commander_and_thanks(incident)
    return values_of(
        incident,
        Said.fields_of(last_words(incident)),
        now=now,
        zone=organisation_zone(),
        next_by=next_public_by(incident, now=now),
        commander=commander,
        resolution="" if incident.status in OPEN else resolution_of(incident),
        thanks=thanks,
    )
