"""What the screens of postmortems read: the list, searched by words; one document in a fixed number of queries."""

from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from incidents.enums import PromiseKind
from incidents.models import Incident, Promise, TimelineEntry
from postmortems.enums import PostmortemStatus
from postmortems.models import ActionItem, Postmortem, Review, Section
from postmortems.models.postmortem import PostmortemQuerySet

LANGUAGE = "english"


@dataclass(frozen=True)
class PostmortemList:
    """The list as it was asked for; `counts` are of all that this person may see, by status."""

    rows: PostmortemQuerySet
    counts: dict[str, int]
    owed: list[Promise] = field(default_factory=list)


def postmortem_list(user: User, *, status: str = "", words: str = "") -> PostmortemList:
    """What `user` may see, newest first: `status` narrows it (withdrawn ones only by name), `words` search it.

    `owed` are promises of postmortems that nobody has opened yet.
    """
    seen = Postmortem.objects.visible_to(user)
    counts = dict(seen.order_by().values_list("status").annotate(Count("pk")))
    rows = seen.filter(status=status) if status else seen.exclude(status=PostmortemStatus.WITHDRAWN)
    if words:
        rows = search(rows, words)
    rows = rows.for_rows().annotate(
        asked=Count("reviews", distinct=True),
        approved=Count("reviews", filter=Q(reviews__approved_at__isnull=False), distinct=True),
    )
    return PostmortemList(rows=rows.order_by("-incident__number"), counts=counts, owed=unopened(user))


def unopened(user: User) -> list[Promise]:
    """Postmortems that are owed and have no document yet: a level was raised late, or opening it failed."""
    owed = Promise.objects.open().filter(kind=PromiseKind.POSTMORTEM, incident__postmortem__isnull=True)
    return list(owed.filter(incident__in=Incident.objects.visible_to(user)).select_related("incident__level"))


def search(rows: PostmortemQuerySet, words: str) -> PostmortemQuerySet:
    """Those that hold all the words, in any inflexion: summary, reference, author, sections, action items.

    A section that still follows the record holds no text of its own; the incident's own words stand for it.
    """
    sections = Section.objects.filter(postmortem=OuterRef("pk")).order_by().values("postmortem")
    items = ActionItem.objects.filter(postmortem=OuterRef("pk")).order_by().values("postmortem")
    vector = SearchVector(
        "incident__summary",
        "incident__reference",
        "incident__what_happens",
        "incident__symptom",
        "author__handle",
        _text(sections.annotate(words=StringAgg("body", Value(" "))).values("words")),
        _text(items.annotate(words=StringAgg("text", Value(" "))).values("words")),
        config=LANGUAGE,
    )
    query = SearchQuery(words, search_type="websearch", config=LANGUAGE)
    return rows.annotate(vector=vector).filter(Q(vector=query) | Q(incident__reference__icontains=words.strip()))


def _text(rows: object) -> Coalesce:
    return Coalesce(Subquery(rows), Value(""), output_field=TextField())  # type: ignore[arg-type]


def whole_postmortems() -> PostmortemQuerySet:
    """Documents with all that one page of theirs shows, in a fixed number of queries."""
    return Postmortem.objects.select_related(
        "incident__level", "incident__service", "author", "published_by"
    ).prefetch_related(
        Prefetch("sections", Section.objects.select_related("edited_by").order_by("position")),
        Prefetch("reviews", Review.objects.select_related("reviewer")),
        Prefetch("action_items", ActionItem.objects.select_related("owner").order_by("number")),
    )


def entries_of(incident: Incident) -> list[TimelineEntry]:
    """The whole timeline, oldest first: a postmortem reads all of it."""
    return list(incident.entries.order_by("happened_at", "number"))


def last_edit_at(postmortem: Postmortem) -> datetime | None:
    """When its words last changed by hand."""
    return max((section.edited_at for section in postmortem.sections.all() if section.edited_at), default=None)


def people_to_name(postmortem: Postmortem) -> QuerySet[User]:
    """Who may review it or own its action items: everybody who is here and may see the incident."""
    people = User.objects.filter(is_active=True)
    if audience := postmortem.incident.audience_id:
        people = people.filter(audience_entries__audience=audience)
    return people.order_by("handle")
