"""A page is answered by a button in Slack: by whom it was sent to, for Slack's own signature, and once."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from slack_sdk.signature import SignatureVerifier

from accounts.enums import Via
from accounts.models import User
from comms.actions.delivery import deliver_due
from comms.enums import MessageStatus, Transport
from comms.models import ContactPoint, Message
from escalation.enums import AnswerKind, IncomingOutcome, PageStatus
from escalation.models import IncomingAnswer, Page
from tests.comms.transports.slack.conftest import slack  # noqa: F401
from tests.comms.transports.slack.workspace import ANA, SECRET, FakeSlack
from tests.escalation.story import MINUTE, rung, start
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, ReachableUserFactory
from tests.factories.escalation import make_policy

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def moment(settings: Any) -> Any:
    settings.SLACK_SIGNING_SECRET = SECRET
    with time_machine.travel(NOW + MINUTE, tick=False):
        yield


@pytest.fixture
def ana() -> User:
    ana = UserFactory(handle="ana")
    ContactPointFactory(user=ana, transport=Transport.SLACK, address=ANA)
    return ana


@pytest.fixture
def jens() -> User:
    return ReachableUserFactory(handle="jens")


@pytest.fixture
def page(ana: User, jens: User) -> Page:
    return start(policy=make_policy(ana, jens))


def link_of(page: Page) -> str:
    return Message.objects.get(dedup_key__startswith=f"page:{page.ref}:").link


def payload(page: Page, answer: str, *, member: str = ANA, reply_to: str = "", at: str = "1776515040.1") -> str:
    action = {
        "type": "button",
        "action_id": f"muster-answer:{answer}",
        "value": link_of(page),
        "action_ts": at,
    }
    user = {"id": member, "username": "ana", "team_id": "T1"}
    return json.dumps({"type": "block_actions", "user": user, "response_url": reply_to, "actions": [action]})


def press(said: str, *, secret: str = SECRET, seconds_ago: int = 0) -> Any:
    stamp = str(int((NOW + MINUTE).timestamp()) - seconds_ago)
    body = urlencode({"payload": said})
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    return Client(enforce_csrf_checks=True).post(
        "/in/slack/",
        body,
        content_type="application/x-www-form-urlencoded",
        headers={"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature or ""},
    )


def test_a_button_acknowledges_by_chat_and_stops_the_page(page, ana):
    told = press(payload(page, "on_it"))

    page.refresh_from_db()
    (kept,) = page.answers.all()
    assert (told.status_code, told.content) == (200, b"")
    assert (page.status, page.acknowledged_by) == (PageStatus.ACKNOWLEDGED, ana)
    assert (kept.via, kept.arrives_at) == (Via.CHAT, None)


def test_an_arrival_later_than_the_chain_allows_tells_the_next_person_as_well(page, ana, jens):
    press(payload(page, "30"))

    (kept,) = page.answers.all()
    assert (kept.user, kept.arrives_at) == (ana, NOW + 31 * MINUTE)
    assert rung(page) == [(0, ana), (1, jens)]


def test_cannot_rings_the_next_person_now(page, ana, jens):
    press(payload(page, "cannot"))

    assert [(kept.user, kept.kind) for kept in page.answers.all()] == [(ana, AnswerKind.DECLINED)]
    assert rung(page) == [(0, ana), (1, jens)]


def test_the_same_press_delivered_again_changes_nothing(page, ana, jens):
    said = payload(page, "cannot")
    for _ in range(2):
        press(said)

    assert rung(page) == [(0, ana), (1, jens)]
    assert IncomingAnswer.objects.count() == 1


def test_what_became_of_it_takes_the_place_of_the_message(page, slack: FakeSlack, httpserver):  # noqa: F811
    deliver_due(now=NOW)
    press(payload(page, "on_it", reply_to=httpserver.url_for("/actions/T1/2/3")))
    deliver_due(now=NOW + MINUTE)

    (replaced,) = slack.replaced
    assert len(slack.taken) == 1
    assert replaced["text"].startswith("You have it: [SEV2] Pipeline blocks spiking · pipeline.")
    assert "muster-answer" not in str(replaced["blocks"])


@pytest.mark.parametrize(("secret", "seconds_ago"), [("another secret", 0), (SECRET, 301)])
def test_what_slack_did_not_sign_just_now_is_refused(page, secret, seconds_ago):
    told = press(payload(page, "on_it"), secret=secret, seconds_ago=seconds_ago)

    page.refresh_from_db()
    assert (told.status_code, page.status) == (403, PageStatus.RINGING)
    assert not IncomingAnswer.objects.exists()


def test_without_a_secret_of_ours_nothing_is_signed(page, settings):
    settings.SLACK_SIGNING_SECRET = ""

    assert press(payload(page, "on_it")).status_code == 403


def test_another_member_who_presses_is_told_why_not_and_answers_nothing(page, slack: FakeSlack, httpserver):  # noqa: F811
    press(payload(page, "on_it", member="U0STRANGER", reply_to=httpserver.url_for("/actions/T1/2/3")))
    deliver_due(now=NOW + MINUTE)

    page.refresh_from_db()
    (kept,) = IncomingAnswer.objects.all()
    assert (page.status, kept.outcome, kept.sender) == (PageStatus.RINGING, IncomingOutcome.REFUSED, "U0STRANGER")
    assert [said["text"] for said in slack.replaced] == ["This page rang @ana, and nobody else answers it here."]


def test_who_was_taken_off_slack_answers_nothing_there(page, ana):
    said = payload(page, "on_it")
    ContactPoint.objects.filter(user=ana).update(is_enabled=False)

    press(said)

    page.refresh_from_db()
    assert page.status == PageStatus.RINGING


def test_a_link_that_has_ended_is_told_in_its_words(page, slack: FakeSlack, httpserver):  # noqa: F811
    Page.objects.update(started_at=NOW - 1500 * MINUTE)
    press(payload(page, "on_it", reply_to=httpserver.url_for("/actions/T1/2/3")))
    deliver_due(now=NOW + MINUTE)

    assert "ended 24 hours after the page began" in slack.replaced[0]["text"]


def pressed(action_id: str) -> str:
    action = {"action_id": action_id, "action_ts": "1", "value": ""}
    return json.dumps({"type": "block_actions", "user": {"id": "U1"}, "actions": [action]})


@pytest.mark.parametrize(
    "said",
    [
        *("", "no JSON", "[]", "null", '{"type": "view_submission"}', '{"type": "block_actions", "actions": []}'),
        *(pressed("muster-open"), pressed("muster-answer:7"), pressed("muster-answer:1")),
    ],
)
def test_what_is_no_answer_of_ours_is_taken_and_means_nothing(page, said):
    told = press(said)

    assert (told.status_code, IncomingAnswer.objects.count()) == (200, 0)


def test_a_link_that_was_never_ours_is_refused_and_kept(page):
    said = json.loads(payload(page, "on_it"))
    said["actions"][0]["value"] = "https://evil.example/a/none/"

    press(json.dumps(said))

    (kept,) = IncomingAnswer.objects.all()
    assert (kept.outcome, kept.page) == (IncomingOutcome.REFUSED, None)


def test_a_reply_whose_address_has_ended_is_a_row_with_its_reason(page, slack: FakeSlack, httpserver):  # noqa: F811
    slack.refuses = (404, "expired_url")
    press(payload(page, "on_it", reply_to=httpserver.url_for("/actions/T1/2/3")))
    deliver_due(now=NOW + MINUTE)

    reply = Message.objects.get(dedup_key__startswith="incoming:")
    assert (reply.status, reply.not_sent_reason) == (MessageStatus.NOT_SENT, "Rejected: Slack said 404: expired_url")
