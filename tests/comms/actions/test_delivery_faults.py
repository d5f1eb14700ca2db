"""A write that fails leaves nothing half done, and two sweeps never take the same row."""

from datetime import datetime
from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, connection, connections
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comms.actions.delivery import (
    LEASE,
    claim_due,
    deliver_due,
    record_outcomes,
)
from comms.actions.message import queue_message
from comms.enums import MessageKind, Urgency
from comms.models import Message
from comms.transports.base import TemporaryFailure
from tests.comms.hooks import attempts, ids, to_hook
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db


def break_table(constraint: str, table: str, condition: str) -> None:
    """Let the database refuse some writes from now on."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} CHECK ({condition}) NOT VALID")


def test_when_the_attempt_cannot_be_written_no_lease_is_taken(now, hook, httpserver):
    message = to_hook(hook)
    break_table("broken", "comms_delivery", "false")

    with pytest.raises(DatabaseError, match="broken"):
        deliver_due(now=now)

    message.refresh_from_db()
    assert (message.lease_until, message.attempts, httpserver.log) == (None, 0, [])


def test_when_the_message_cannot_be_marked_its_attempt_is_not_either_and_the_others_go_on(
    now, hook, httpserver, caplog
):
    broken, fine = to_hook(hook), to_hook(hook)
    break_table("broken", "comms_message", f"NOT (status = 'sent' AND id = {broken.pk})")

    assert deliver_due(now=now) == 1

    broken.refresh_from_db()
    fine.refresh_from_db()
    assert (broken.status, broken.lease_until, fine.status) == ("waiting", now + LEASE, "sent")
    assert [outcome for _, outcome, _ in attempts(broken)] == ["running"]
    assert "could not be recorded" in caplog.text


def test_when_the_next_channel_cannot_be_brought_forward_the_failure_is_not_marked_either(now, httpserver):
    httpserver.expect_request("/down").respond_with_data("no", status=500)
    ana = UserFactory()
    for after in (0, 60):
        point = ContactPointFactory(user=ana, transport="webhook", address=httpserver.url_for(f"/{after}"))
        ContactRuleFactory(contact_point=point, after_seconds=after)
    first, second = queue_message(
        now=now, kind=MessageKind.PAGE, subject="x", dedup_key="p", to=ana, urgency=Urgency.URGENT
    )
    (claim,) = claim_due(now=now, limit=2)
    break_table("broken", "comms_message", f"id <> {second.pk} OR deliver_after <> '{now.isoformat()}'")

    with pytest.raises(DatabaseError, match="broken"):
        record_outcomes([(claim, TemporaryFailure("no"))], now=now)

    first.refresh_from_db()
    assert (first.deliver_after, first.lease_until) == (now, now + LEASE)
    assert attempts(first) == [(1, "running", "")]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_deliver_disjoint_rows(now: datetime) -> None:
    both, counts = Barrier(2), []

    def wait_for_the_other_sweep(request: Request) -> Response:
        both.wait(10)  # each sweep sends one at a time here, so both must be under way
        return Response("ok")

    def sweep() -> None:
        counts.append(deliver_due(now=now, batch=1))
        connections.close_all()

    with HTTPServer(threaded=True) as server:
        server.expect_request("/hook").respond_with_handler(wait_for_the_other_sweep)
        for _ in range(2):
            to_hook(server.url_for("/hook"))
        threads = [Thread(target=sweep) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seen = sorted(ids(server))

    assert sum(counts) == 2
    assert seen == sorted(str(key) for key in Message.objects.values_list("key", flat=True))
    assert [message.attempts for message in Message.objects.all()] == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_a_row_that_another_sweep_is_claiming_is_left_to_it(now: datetime) -> None:
    taken, free = SubscriptionFactory(), SubscriptionFactory()
    for channel in (taken, free):
        queue_message(now=now, kind=MessageKind.THREAD, subject="x", dedup_key=channel.name, to=channel)
    claimed: list[list[str]] = []

    def claim() -> None:
        claimed.append([str(claim.message.subscription) for claim in claim_due(now=now, limit=9)])
        connections.close_all()

    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT id FROM comms_message WHERE dedup_key = %s FOR UPDATE", [taken.name])
        other = Thread(target=claim)
        other.start()
        other.join(10)
        cursor.execute("COMMIT")

    assert claimed == [[free.name]]
