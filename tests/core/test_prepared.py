"""A query that is built once and asked with other values finds what the plain one finds."""

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from comms.enums import Urgency
from comms.models import ContactPoint, ContactRule
from core.prepared import Given, Prepared, given_key, insert_all, prepared_cursor
from escalation.models import Page
from incidents.models import Incident, Promise
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory
from tests.factories.escalation import PageFactory
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


def again(page: Page, ref: str, pk: int | None = None) -> Page:
    """A page like `page`, not written yet."""
    values = {field.attname: getattr(page, field.attname) for field in Page._meta.concrete_fields}
    return Page(**{**values, "id": pk, "ref": ref})


def test_rows_are_inserted_in_one_statement_as_they_are_and_come_back_with_their_keys():
    page = PageFactory(subject="Errors: 5 % of 'all'; \\ and %s", roles={"commander": [1]}, service=None)
    page.refresh_from_db()

    with CaptureQueriesContext(connection) as statements:
        written = insert_all(again(page, ref) for ref in ("first", "second"))

    assert len(statements) == 1
    found = list(Page.objects.exclude(pk=page.pk).order_by("pk"))
    assert [(row.pk, row.ref) for row in found] == [(row.pk, row.ref) for row in written]
    for row in found:
        same = [field.attname for field in Page._meta.concrete_fields if field.name not in {"id", "ref"}]
        assert {name: getattr(row, name) for name in same} == {name: getattr(page, name) for name in same}
    written[0].subject = "Changed"
    written[0].save(update_fields=["subject"])
    assert Page.objects.get(ref="first").subject == "Changed"


def test_a_row_that_brings_its_key_keeps_it_and_none_asks_nothing():
    page = PageFactory()

    with CaptureQueriesContext(connection) as statements:
        assert insert_all(list[Page]()) == []
    (written,) = insert_all([again(page, "own", pk=page.pk + 1000)])

    assert (len(statements), written.pk) == (0, page.pk + 1000)
    assert Page.objects.get(ref="own").pk == page.pk + 1000


def test_of_two_rows_that_cannot_be_both_the_first_stays_where_conflicts_are_passed_over():
    point = ContactPointFactory()
    told = [ContactRule(contact_point=point, chain=Urgency.URGENT, after_seconds=seconds) for seconds in (60, 60, 120)]

    with pytest.raises(IntegrityError), transaction.atomic():
        insert_all(told)
    insert_all(told, ignore_conflicts=True)

    assert list(point.rules.values_list("chain", "after_seconds")) == [("urgent", 60), ("urgent", 120)]


@pytest.mark.parametrize("number", [1, 2])
def test_a_value_that_is_too_long_is_refused_and_never_cut(number: int):
    user, longest = UserFactory(), ContactPoint._meta.get_field("label").max_length or 0
    points = [ContactPoint(user=user, address=str(nth), label="a" * (longest + 1)) for nth in range(number)]

    with pytest.raises(DataError, match="too long"):
        insert_all(points)


def test_the_text_for_several_rows_is_the_same_whatever_their_number():
    point = ContactPointFactory()
    with CaptureQueriesContext(connection) as statements:
        for moments in ((60, 120), (180, 240, 300)):
            insert_all(ContactRule(contact_point=point, chain=Urgency.URGENT, after_seconds=each) for each in moments)

    first, second = (said["sql"] for said in statements.captured_queries)
    assert list(point.rules.values_list("after_seconds", flat=True)) == [60, 120, 180, 240, 300]
    assert first == second


def test_a_row_that_names_one_that_is_not_written_is_refused_as_by_django():
    with pytest.raises(ValueError, match="unsaved related object"):
        insert_all([ContactRule(contact_point=ContactPointFactory.build(), chain=Urgency.URGENT)])


def test_what_a_prepared_cursor_runs_again_is_planned_once():
    text = "SELECT 'planned once', %s::bigint"
    for number in range(3):
        with prepared_cursor() as cursor:
            cursor.execute(text, [number])
            assert cursor.fetchone() == ("planned once", number)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%planned once%$1%'")
        assert cursor.fetchone() == (1,)
