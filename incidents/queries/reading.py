"""What a reader finds kept: links, pins, how far they have read, hints sent away. Columns of the room's own query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Expression, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils.dateparse import parse_datetime

from accounts.models import User
from incidents.enums import EntryKind, Relation
from incidents.models import Incident, IncidentLink, LastLook, Pin, SentAway, TimelineEntry


@dataclass(frozen=True)
class Link:
    """Another incident as this one's room names it: `word` reads from this one to that one."""

    word: str
    reference: str
    summary: str
    level: str
    status: str

    @property
    def is_original(self) -> bool:
        """Whether this room's incident was closed as its duplicate and goes on there."""
        return self.word == Relation.DUPLICATE.label


@dataclass(frozen=True)
class PinnedLine:
    """One pinned entry."""

    number: int
    happened_at: datetime
    is_about: bool
    who: str
    text: str


@dataclass(frozen=True)
class News:
    """What came in since the reader looked last: up to which entry they had seen, when, and what there is now."""

    number: int
    since: datetime
    count: int
    words: str


BACKWARDS = {Relation.RELATED: "Related to", Relation.CAUSED_BY: "The cause of", Relation.DUPLICATE: "The original of"}
LATEST_SHOWN = 2
MOST_NEWS = 500  # who was away for longer reads on, and does not count


def columns(user: User | Expression) -> dict[str, Any]:
    """What `links`, `pins`, `news` and the hints need, for `annotate` on incidents; what others hide left out."""
    fields = ("reference", "summary", "level__name", "status")
    away = away_column(user)
    visible = Incident.objects.visible_to(user)

    def other(side: str) -> JSONObject:
        return JSONObject(relation="relation", **{name.partition("__")[0]: f"{side}__{name}" for name in fields})

    out = IncidentLink.objects.filter(source=OuterRef("pk"), target__in=visible).order_by("at", "pk")
    into = IncidentLink.objects.filter(target=OuterRef("pk"), source__in=visible).order_by("at", "pk")
    pinned = Pin.objects.filter(entry__incident=OuterRef("pk"), taken_down_at__isnull=True).order_by("pinned_at", "pk")
    names = {name: f"entry__{name}" for name in ("number", "happened_at", "is_about", "text")}
    looked = LastLook.objects.filter(incident=OuterRef("pk"), user=user)
    return {
        "linked_out": ArraySubquery(out.values(found=other("target"))),
        "linked_in": ArraySubquery(into.values(found=other("source"))),
        "pinned": ArraySubquery(pinned.values(found=JSONObject(handle="entry__author__handle", **names))),
        "looked": Subquery(looked.values(found=JSONObject(number="number", at="at"))),
        "hints_away": away,
    }


def away_column(user: User | Expression) -> ArraySubquery:
    """What `hints_away` needs, for `annotate(hints_away=…)` on incidents."""
    return ArraySubquery(SentAway.objects.filter(incident=OuterRef("pk"), user=user).values("hint"))


def links(incident: Any) -> list[Link]:
    """The other incidents, those that this one names first."""
    rows = [(Relation(row.pop("relation")).label, row) for row in map(dict, incident.linked_out)]
    rows += [(BACKWARDS[row.pop("relation")], row) for row in map(dict, incident.linked_in)]
    return [Link(word=word, **row) for word, row in rows]


def pins(incident: Any) -> list[PinnedLine]:
    """The pinned entries, first pinned first."""
    return [
        PinnedLine(row["number"], _moment(row["happened_at"]), row["is_about"], row["handle"] or "", row["text"])
        for row in incident.pinned
    ]


def news(incident: Any, user: User) -> News | None:
    """What others have written since `user` looked last; None for the first look, or when there is nothing."""
    looked = incident.looked
    if not looked or looked["number"] >= incident.last_entry:
        return None
    rows = TimelineEntry.objects.filter(incident=incident, number__gt=looked["number"]).exclude(author=user)
    found = [dict(row) for row in rows.values("kind", "text").order_by("-number")[:MOST_NEWS]]
    if not found:
        return None
    return News(looked["number"], _moment(looked["at"]), len(found), words_of_news(found))


def hints_away(incident: Any) -> frozenset[str]:
    """The hints that the reader sent away."""
    return frozenset(incident.hints_away)


def words_of_news(rows: Sequence[dict[str, Any]]) -> str:
    """`status identified, severity raised from SEV2 to SEV1, 2 notes`: what matters in words, the rest counted."""
    said = [row["text"].splitlines()[0] for row in rows if row["kind"] in {EntryKind.STATUS, EntryKind.SEVERITY}]
    counted: dict[str, int] = {}
    for row in rows:
        if row["kind"] not in {EntryKind.STATUS, EntryKind.SEVERITY}:
            counted[row["kind"]] = counted.get(row["kind"], 0) + 1
    told = [text[:80].replace("Status: ", "status ") for text in said[:LATEST_SHOWN]]
    more = len(said) - len(told)
    told += [f"{more} more steps" if more > 1 else "1 more step"] if more else []
    return ", ".join([*told, *(_count(EntryKind(kind).label.lower(), count) for kind, count in counted.items())])


def _count(word: str, count: int) -> str:
    plural = word if word.endswith("s") else f"{word}s"
    return f"{count} {word if count == 1 else plural}"


def _moment(text: str) -> datetime:
    found = parse_datetime(text)
    assert found is not None
    return found
