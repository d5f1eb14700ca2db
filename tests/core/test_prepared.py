"""A query that is built once and asked with other values finds what the plain one finds."""

import pytest
from django.db import connection
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from core.prepared import Given, Prepared, given_key
from incidents.models import Incident, Promise
from tests.factories.accounts import UserFactory
from tests.factories.incidents import IncidentFactory, PromiseFactory

pytestmark = pytest.mark.django_db


def declared_by() -> QuerySet[Incident]:
    """With a constant that holds a percent sign, a related row, a column more and two places."""
    person = given_key("person")
    owed = Promise.objects.filter(incident=OuterRef("pk"), owner=person)
    rows = Incident.objects.filter(declared_by=person, summary__contains=Given("word", CharField(max_length=50)))
    return rows.exclude(summary="100%s").select_related("declared_by").annotate(owes=Exists(owed)).order_by("number")


def test_it_finds_what_is_asked_for_each_time_with_its_related_rows_and_columns():
    ana, jens = UserFactory(), UserFactory()
    first = IncidentFactory(declared_by=ana, summary="Errors: 5 % of 'all'; \\ and %s")
    IncidentFactory(declared_by=ana, summary="100%s")
    other = IncidentFactory(declared_by=jens, summary="Errors everywhere")
    PromiseFactory(incident=other, owner=jens)
    query = Prepared(declared_by)

    asked = [query.rows(person=person.pk, word="Errors") for person in (ana, jens, ana, jens)]

    assert asked == [[first], [other], [first], [other]]
    assert [(row.declared_by, vars(row)["owes"]) for rows in asked[:2] for row in rows] == [(ana, False), (jens, True)]
    assert query.rows(person=ana.pk, word="'; DROP") == []


def test_it_is_built_once_and_each_answer_is_one_statement_that_the_log_shows():
    built = []

    def build() -> QuerySet[Incident]:
        built.append(1)
        return declared_by()

    query = Prepared(build)
    with CaptureQueriesContext(connection) as statements:
        for _ in range(3):
            query.rows(person=1, word="x")

    assert (len(built), len(statements)) == (1, 3)
    assert ["incidents_incident" in statement["sql"] for statement in statements] == [True, True, True]


def test_a_place_without_its_value_is_refused():
    with pytest.raises(KeyError, match="word"):
        Prepared(declared_by).rows(person=1)
