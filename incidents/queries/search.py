"""Full text search over timelines, by PostgreSQL: whole words and their beginnings, in any language, unstemmed."""

import re
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import QuerySet

from incidents.models import Incident, TimelineEntry

# As the index `entry_words` has it, letter for letter.
WORDS = SearchVector("text", config="simple")
LONGEST_SEARCH = 200


def with_words(entries: QuerySet[TimelineEntry], words: str) -> QuerySet[TimelineEntry]:
    """Those of `entries` that hold every one of `words`, or a word that begins with it; none for no words."""
    terms = re.findall(r"\w+", words[:LONGEST_SEARCH])
    if not terms:
        return entries.none()
    query = SearchQuery(" & ".join(f"'{term}':*" for term in terms), config="simple", search_type="raw")
    return entries.annotate(words=WORDS).filter(words=query)


def lines_found(incidents: Iterable[Incident], words: str) -> dict[Any, TimelineEntry]:
    """{incident id: its newest entry that holds all of `words`}; one query."""
    rows = TimelineEntry.objects.filter(incident__in=[incident.pk for incident in incidents])
    found = with_words(rows, words).order_by("incident_id", "-number").distinct("incident_id")
    return {entry.incident_id: entry for entry in found}
