"""What is due is handed over once, or comes again, or ends with its reason; and nothing holds up anything else."""

import json
import socketserver
from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection
from werkzeug import Request, Response

from comms.actions.delivery import (
    ATTEMPTS,
    LEASE,
    claim_due,
    deliver_due,
    record_outcomes,
    still_wanted,
)
from comms.actions.message import queue_message, withdraw_messages
from comms.enums import DeliveryOutcome, MessageKind, MessageStatus, Urgency
from comms.models import Delivery, EngineTick, Message
from comms.signals import message_delivered
from comms.tasks import alone, deliver_due_task
from comms.transports.base import PermanentFailure, Receipt, TemporaryFailure
from tests.comms.hooks import attempts, ids, to_hook
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, DeliveryFactory, MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivered() -> Iterator[list[dict[str, Any]]]:
    """What message_delivered said."""
    heard: list[dict[str, Any]] = []

    def hear(signal: Any, sender: Any, **named: Any) -> None:
        assert connection.in_atomic_block
        heard.append(named)

    message_delivered.connect(hear, sender=Message)
    yield heard
    message_delivered.disconnect(hear, sender=Message)


def test_a_due_message_is_handed_over_and_marked_and_announced(now, hook, httpserver, delivered):
    message = to_hook(hook)

    assert deliver_due(now=now) == 1

    message.refresh_from_db()
    attempt = message.deliveries.get()
    assert (message.status, message.sent_at, message.lease_until, message.attempts) == ("sent", now, None, 1)
    assert (attempt.number, attempt.outcome, attempt.detail, attempt.transport) == (
        1,
        "handed_over",
        "HTTP 200",
        "webhook",
    )
    assert (attempt.started_at, attempt.ended_at) == (now, now)
    assert ids(httpserver) == [str(message.key)]
    assert delivered == [{"message": message, "delivery": attempt, "now": now}]


def test_a_message_that_was_sent_is_not_sent_again(now, hook, httpserver):
    message = to_hook(hook)
    deliver_due(now=now)

    assert deliver_due(now=now + timedelta(hours=1)) == 0

    assert ids(httpserver) == [str(message.key)]


def test_what_is_not_due_or_over_or_on_lease_stays(now, hook, httpserver):
    to_hook(hook, deliver_after=now + timedelta(seconds=1))
    to_hook(hook, lease_until=now + timedelta(seconds=1))
    to_hook(hook, sent=True)
    to_hook(hook, not_sent=True)

    assert deliver_due(now=now) == 0

    assert httpserver.log == []
    assert Delivery.objects.count() == 0


def test_the_three_transports_carry_what_was_queued(now, hook, httpserver, mailoutbox):
    httpserver.expect_request("/push").respond_with_data("ok")
    ana = UserFactory(handle="ana")
    ContactPointFactory(user=ana, address="ana@example.org")
    ContactPointFactory(user=ana, transport="webhook", address=hook, secret="plain")
    ContactPointFactory(user=ana, transport="apprise", address=f"json://127.0.0.1:{httpserver.port}/push")
    queue_message(
        now=now, kind=MessageKind.PAGE, subject="[SEV2] x", dedup_key="p:1", to=ana, body="b", urgency=Urgency.URGENT
    )

    assert deliver_due(now=now) == 3

    posts = {request.path: request for request, _ in httpserver.log}
    assert [(mail.to, mail.subject, mail.body) for mail in mailoutbox] == [(["ana@example.org"], "[SEV2] x", "b")]
    assert json.loads(posts["/hook"].get_data())["data"]["to"] == "@ana"
    assert posts["/hook"].headers["webhook-signature"].startswith("v1,")
    assert json.loads(posts["/push"].get_data())["message"] == "b"


def test_pages_that_were_not_tried_yet_leave_first(now, hook, httpserver, monkeypatch):
    monkeypatch.setattr("comms.actions.delivery.sweep.AT_ONCE", 1)
    early = now - timedelta(minutes=1)
    normal = to_hook(hook, deliver_after=early)
    tried = to_hook(hook, urgency=Urgency.URGENT, attempts=2, deliver_after=early)
    fresh = to_hook(hook, urgency=Urgency.URGENT)

    assert deliver_due(now=now) == 3

    assert ids(httpserver) == [str(fresh.key), str(tried.key), str(normal.key)]


def test_a_batch_smaller_than_what_is_due_still_sends_it_all(now, hook, httpserver):
    for _ in range(9):
        to_hook(hook)

    assert deliver_due(now=now, batch=2) == 9

    assert len(set(ids(httpserver))) == 9


@pytest.mark.parametrize("status", [429, 503])
def test_a_failure_comes_again_later_and_later_with_the_same_key_until_it_is_given_up(now, httpserver, status):
    httpserver.expect_request("/hook").respond_with_data("busy", status=status)
    message = to_hook(httpserver.url_for("/hook"))
    moment, waits = now, []

    for _ in range(ATTEMPTS):
        assert deliver_due(now=moment) == 0
        message.refresh_from_db()
        waits.append((message.deliver_after - moment).total_seconds())
        moment = message.deliver_after

    assert waits == [5, 15, 60, 300, 900, 1800, 3600, 0]
    assert (message.status, message.not_sent_reason) == (
        MessageStatus.NOT_SENT,
        f"Gave up after 8 attempts: HTTP {status}: busy",
    )
    assert attempts(message) == [(number, "failed", f"HTTP {status}: busy") for number in range(1, 9)]
    assert ids(httpserver) == [str(message.key)] * 8


@pytest.mark.parametrize(("wish", "seconds"), [("120", 120), ("1", 5), ("86400", 300), ("9" * 30, 300)])
def test_the_wish_of_a_busy_receiver_is_granted_up_to_five_minutes(now, httpserver, wish, seconds):
    httpserver.expect_request("/hook").respond_with_data("", status=429, headers={"Retry-After": wish})
    message = to_hook(httpserver.url_for("/hook"))

    deliver_due(now=now)

    message.refresh_from_db()
    assert message.deliver_after == now + timedelta(seconds=seconds)


def test_a_rejection_ends_it_at_once(now, httpserver):
    httpserver.expect_request("/hook").respond_with_data("gone\x00\x1b[31m\n", status=410)
    message = to_hook(httpserver.url_for("/hook"))

    deliver_due(now=now)
    deliver_due(now=now + timedelta(days=1))

    message.refresh_from_db()
    assert attempts(message) == [(1, "rejected", "HTTP 410: gone [31m")]
    assert (message.status, message.not_sent_reason) == (MessageStatus.NOT_SENT, "Rejected: HTTP 410: gone [31m")


def test_a_mail_server_that_refuses_for_good_ends_it_at_once(now, mail_server):
    mail_server.at_recipient = "550 No such user"
    message = MessageFactory()

    deliver_due(now=now)

    message.refresh_from_db()
    assert (message.status, message.not_sent_reason) == (
        MessageStatus.NOT_SENT,
        "Rejected: The mail server said 550 No such user",
    )


def test_a_failed_channel_brings_the_next_of_the_chain_forward_and_no_other(now, httpserver, hook):
    httpserver.expect_request("/down").respond_with_data("no", status=500)
    ana = UserFactory()
    for path, after in (("/down", 0), ("/hook", 120), ("/later", 240)):
        point = ContactPointFactory(user=ana, transport="webhook", address=httpserver.url_for(path))
        ContactRuleFactory(contact_point=point, after_seconds=after)
    asked: dict[str, Any] = {"kind": MessageKind.PAGE, "subject": "x", "to": ana, "urgency": Urgency.URGENT}
    down, following, later = queue_message(now=now, dedup_key="page:1", **asked)
    other = queue_message(now=now, dedup_key="page:10", **asked, deliver_after=now + timedelta(hours=1))

    assert deliver_due(now=now) == 1

    assert [request.path for request, _ in httpserver.log] == ["/down", "/hook"]
    following.refresh_from_db()
    assert following.status == MessageStatus.SENT
    assert {row.pk: row.deliver_after for row in Message.objects.unsent()} == {
        down.pk: now + timedelta(seconds=5),
        later.pk: now + timedelta(seconds=240),
        **{row.pk: row.deliver_after for row in other},
    }


def test_a_failure_that_nobody_foresaw_stops_no_other_row(now, hook, httpserver, caplog):
    broken, fine = to_hook("any"), to_hook(hook)
    Message.objects.filter(pk=broken.pk).update(transport="pigeon")

    assert deliver_due(now=now) == 1

    broken.refresh_from_db()
    assert (broken.status, broken.deliver_after) == (MessageStatus.WAITING, now + timedelta(seconds=5))
    assert attempts(broken) == [(1, "failed", "'pigeon'")]
    assert ids(httpserver) == [str(fine.key)]
    assert "in a way that nobody foresaw" in caplog.text


def test_a_channel_that_blocks_holds_up_no_other(now, hook, httpserver):
    blocked, go_on = [], Event()

    class Block(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            blocked.append(self.client_address)
            go_on.wait(10)

    httpserver.clear()
    others: list[str] = []

    def take(request: Request) -> Response:
        others.append(request.headers["webhook-id"])
        if len(others) == 30:
            go_on.set()  # only now may the blocked ones end: waiting for them first would never come here
        return Response("ok")

    httpserver.expect_request("/hook").respond_with_handler(take)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Block) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=[0.05]).start()
        stuck = [to_hook(f"http://127.0.0.1:{server.server_address[1]}/x", urgency=Urgency.URGENT) for _ in range(20)]
        for _ in range(30):
            to_hook(hook)

        assert deliver_due(now=now) == 30
        server.shutdown()

    assert len(set(others)) == 30
    assert set(Message.objects.unsent()) == set(stuck)


def test_a_send_that_never_ends_is_not_waited_for(now, silent_address, monkeypatch):
    for module in ("claim", "sweep"):
        monkeypatch.setattr(f"comms.actions.delivery.{module}.SEND_LIMIT", timedelta(seconds=-1))
    message = to_hook(f"http://{silent_address}/hook")

    assert deliver_due(now=now) == 0

    assert attempts(message) == [(1, "failed", "No end after -1 s.")]


def test_a_lease_that_ran_out_is_a_lost_attempt_and_the_message_goes_again_with_the_same_key(now, hook, httpserver):
    message = to_hook(hook)
    (lost,) = claim_due(now=now, limit=1)  # and here the worker dies

    assert deliver_due(now=now + LEASE - timedelta(seconds=1)) == 0
    assert httpserver.log == []
    assert deliver_due(now=now + LEASE) == 1

    message.refresh_from_db()
    assert ids(httpserver) == [str(message.key)]
    assert (message.status, message.sent_at) == (MessageStatus.SENT, now + LEASE)
    assert attempts(message) == [
        (1, "lost", "The worker ended before it could say what came of it."),
        (2, "handed_over", "HTTP 200"),
    ]
    assert (lost.delivery.number, lost.message.pk) == (1, message.pk)


def test_a_message_that_no_worker_survives_is_given_up(now, hook, httpserver):
    message = to_hook(hook, attempts=ATTEMPTS, lease_until=now)
    DeliveryFactory(message=message, number=ATTEMPTS, running=True)

    assert deliver_due(now=now) == 0

    message.refresh_from_db()
    assert httpserver.log == []
    assert (message.status, message.not_sent_reason, message.lease_until) == (
        MessageStatus.NOT_SENT,
        "No worker survived its 8 attempts.",
        None,
    )
    assert message.deliveries.get().outcome == DeliveryOutcome.LOST


def test_a_worker_that_was_thought_dead_and_handed_it_over_is_believed(now, hook, delivered):
    message = to_hook(hook)
    (slow,) = claim_due(now=now, limit=1)
    (quick,) = claim_due(now=now + LEASE, limit=1)

    assert record_outcomes([(slow, Receipt("late"))], now=now + LEASE) == 1
    assert record_outcomes([(quick, TemporaryFailure("busy"))], now=now + LEASE) == 0
    assert record_outcomes([(quick, Receipt("again"))], now=now + LEASE) == 0

    message.refresh_from_db()
    assert (message.status, message.sent_at, len(delivered)) == (MessageStatus.SENT, now + LEASE, 1)
    assert attempts(message) == [(1, "handed_over", "late"), (2, "handed_over", "again")]


def test_the_late_failure_of_a_lost_attempt_does_not_disturb_the_one_that_runs(now, hook):
    message = to_hook(hook)
    (slow,) = claim_due(now=now, limit=1)
    claim_due(now=now + LEASE, limit=1)

    record_outcomes([(slow, PermanentFailure("no"))], now=now + LEASE)

    message.refresh_from_db()
    assert (message.status, message.lease_until) == (MessageStatus.WAITING, now + LEASE * 2)
    assert [outcome for _, outcome, _ in attempts(message)] == ["rejected", "running"]


def test_a_message_that_is_withdrawn_between_claim_and_send_does_not_leave(now, hook, httpserver):
    gone, stays = (
        to_hook(hook, urgency=Urgency.URGENT, kind=MessageKind.PAGE, subject_key=key) for key in ("i:1", "i:2")
    )
    claims = claim_due(now=now, limit=2)
    withdraw_messages(now=now, subject_key="i:1", reason="@ana has it.")

    wanted = still_wanted(claims, now=now)

    gone.refresh_from_db()
    assert [claim.message for claim in wanted] == [stays]
    assert (gone.status, gone.not_sent_reason) == (MessageStatus.NOT_SENT, "@ana has it.")
    assert attempts(gone) == [(1, "failed", "Withdrawn before it left: @ana has it.")]
    assert attempts(stays) == [(1, "running", "")]


def test_a_message_that_is_withdrawn_while_it_leaves_was_sent(now, httpserver, delivered):
    message = to_hook(httpserver.url_for("/hook"), subject_key="i:1")
    (claim,) = still_wanted(claim_due(now=now, limit=1), now=now)
    withdraw_messages(now=now, subject_key="i:1", reason="@ana has it.")

    assert record_outcomes([(claim, Receipt("ok"))], now=now) == 1

    message.refresh_from_db()
    assert (message.status, message.not_sent_reason, message.sent_at) == (MessageStatus.SENT, "", now)
    assert len(delivered) == 1


def test_a_message_that_was_withdrawn_while_it_failed_stays_withdrawn(now, hook):
    message = to_hook(hook, subject_key="i:1")
    (claim,) = claim_due(now=now, limit=1)
    withdraw_messages(now=now, subject_key="i:1", reason="@ana has it.")

    record_outcomes([(claim, TemporaryFailure("busy"))], now=now)

    message.refresh_from_db()
    assert (message.status, message.not_sent_reason) == (MessageStatus.NOT_SENT, "@ana has it.")


def test_a_listener_that_fails_does_not_make_it_go_again(now, hook, httpserver, caplog):
    message = to_hook(hook)

    def fail(**named: Any) -> None:
        Message.objects.create(dedup_key=message.dedup_key, created_at=now, deliver_after=now)

    message_delivered.connect(fail, sender=Message)
    try:
        assert deliver_due(now=now) == 1
    finally:
        message_delivered.disconnect(fail, sender=Message)

    message.refresh_from_db()
    assert message.status == MessageStatus.SENT
    assert "failed and was rolled back" in caplog.text


def test_it_records_its_tick(now):
    deliver_due(now=now)

    assert list(EngineTick.objects.values_list("sweep", "ticked_at")) == [("comms.deliver_due", now)]


def test_the_task_sends_what_is_due(hook, httpserver):
    to_hook(hook)

    assert deliver_due_task() == 1

    assert len(httpserver.log) == 1


def test_a_second_task_of_the_same_process_leaves_it_to_the_first(hook, httpserver):
    to_hook(hook)

    with alone:
        assert deliver_due_task() == 0

    assert httpserver.log == []


def test_what_takes_longer_is_marked_with_the_second_at_which_it_ended(now, httpserver, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("comms.actions.delivery.sweep.monotonic", lambda: clock[0])

    def take_its_time(request: Request) -> Response:
        clock[0] = 107.9
        return Response("ok")

    httpserver.expect_request("/hook").respond_with_handler(take_its_time)
    message = to_hook(httpserver.url_for("/hook"))

    deliver_due(now=now)

    message.refresh_from_db()
    attempt = message.deliveries.get()
    assert (attempt.started_at, attempt.ended_at) == (now, now + timedelta(seconds=7))
    assert message.sent_at == now + timedelta(seconds=7)


def test_a_lease_from_before_the_clock_was_set_back_holds_up_nothing(now, hook, httpserver):
    message = to_hook(hook)
    claim_due(now=now + timedelta(hours=1), limit=1)  # and here the worker dies, and the clock is mended

    assert deliver_due(now=now) == 1

    assert ids(httpserver) == [str(message.key)]
    assert [outcome for _, outcome, _ in attempts(message)] == ["lost", "handed_over"]
