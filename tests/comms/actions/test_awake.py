"""Saying that one is awake, and going to sleep again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.actor import MUSTER, Actor
from accounts.enums import TokenScope
from comms.actions.awake import end_awake, start_awake
from comms.models import AwakeSpan
from comms.queries.awake import awake_span
from core.errors import InvalidInput, NotAllowed
from tests.factories import NOW
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.comms import AwakeSpanFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_whoever_is_awake_is_so_for_two_hours_and_nobody_else_is() -> None:
    ana = ActorFactory()

    span = start_awake(by=ana, now=NOW)

    assert span.ends_at == NOW + 2 * HOUR
    assert [awake_span(ana.user, at) for at in (NOW, NOW + 2 * HOUR - HOUR / 60, NOW + 2 * HOUR)] == [span, span, None]
    assert awake_span(UserFactory(), NOW) is None


def test_a_second_press_begins_anew_and_leaves_what_was_in_the_record() -> None:
    ana = ActorFactory()
    start_awake(by=ana, now=NOW)
    start_awake(by=ana, now=NOW + HOUR)
    start_awake(by=ana, now=NOW + 5 * HOUR, lasts=HOUR)

    assert list(AwakeSpan.objects.order_by("starts_at").values_list("starts_at", "ends_at", "ended_at")) == [
        (NOW, NOW + 2 * HOUR, NOW + HOUR),
        (NOW + HOUR, NOW + 3 * HOUR, NOW + 3 * HOUR),
        (NOW + 5 * HOUR, NOW + 6 * HOUR, None),
    ]


def test_going_to_sleep_ends_it_and_twice_is_no_error() -> None:
    ana, ben = ActorFactory(), ActorFactory()
    start_awake(by=ana, now=NOW)
    start_awake(by=ben, now=NOW)

    end_awake(by=ana, now=NOW + HOUR)
    end_awake(by=ana, now=NOW + HOUR)

    assert (awake_span(ana.user, NOW + HOUR), awake_span(ben.user, NOW + HOUR)) == (
        None,
        AwakeSpan.objects.get(user=ben.user),
    )


def test_muster_and_a_token_that_only_reads_are_never_awake() -> None:
    for who in (MUSTER, Actor(user=UserFactory(), scope=TokenScope.READ)):
        with pytest.raises(NotAllowed):
            start_awake(by=who, now=NOW)
        with pytest.raises(NotAllowed):
            end_awake(by=who, now=NOW)


def test_nobody_is_awake_for_ever() -> None:
    for lasts in (timedelta(), 12 * HOUR + HOUR / 60):
        with pytest.raises(InvalidInput):
            start_awake(by=ActorFactory(), now=NOW, lasts=lasts)


def test_a_new_span_that_cannot_be_kept_leaves_the_old_one_running() -> None:
    ana = ActorFactory()
    span = start_awake(by=ana, now=NOW)

    def break_insert(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "comms_awakespan"'):
            raise DatabaseError("the disk is full")
        return execute(sql, *rest)

    with pytest.raises(DatabaseError), connection.execute_wrapper(break_insert):
        start_awake(by=ana, now=NOW + HOUR)

    assert awake_span(ana.user, NOW + HOUR) == span


def test_the_database_keeps_one_span_a_person() -> None:
    span = AwakeSpanFactory(user__handle="ana")
    assert str(span) == "@ana awake until 2026-04-18 14:23 UTC"
    with pytest.raises(IntegrityError), transaction.atomic():
        AwakeSpanFactory(user=span.user)
