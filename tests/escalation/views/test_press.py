"""A page is answered in Slack by a button or a reaction: by whom it was sent to, signed by Slack, once."""

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
from comms.enums import MessageKind, MessageStatus, Transport
from comms.models import ContactPoint, Message
from escalation.enums import AnswerKind, IncomingOutcome, PageStatus
from escalation.models import IncomingAnswer, Page
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
    return post("/in/slack/", urlencode({"payload": said}), "application/x-www-form-urlencoded", secret, seconds_ago)


def post(address: str, body: str, content_type: str, secret: str, seconds_ago: int) -> Any:
    """What Slack posts, signed as Slack signs it."""
    stamp = str(int((NOW + MINUTE).timestamp()) - seconds_ago)
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    return Client(enforce_csrf_checks=True).post(
        address,
        body,
        content_type=content_type,
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


def test_what_became_of_it_takes_the_place_of_the_message(page, slack: FakeSlack, httpserver):
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


def test_another_member_who_presses_is_told_why_not_and_answers_nothing(page, slack: FakeSlack, httpserver):
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


def test_a_link_that_has_ended_is_told_in_its_words(page, slack: FakeSlack, httpserver):
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


def test_a_reply_whose_address_has_ended_is_a_row_with_its_reason(page, slack: FakeSlack, httpserver):
    slack.refuses = (404, "expired_url")
    press(payload(page, "on_it", reply_to=httpserver.url_for("/actions/T1/2/3")))
    deliver_due(now=NOW + MINUTE)

    reply = Message.objects.get(dedup_key__startswith="incoming:")
    assert (reply.status, reply.not_sent_reason) == (MessageStatus.NOT_SENT, "Rejected: Slack said 404: expired_url")


# --- reactions -------------------------------------------------------------------------------------------------------
@pytest.fixture
def rung_in_slack(page: Page, slack: FakeSlack) -> Page:
    """The page whose message stands in Slack: the first that the workspace took."""
    deliver_due(now=NOW)
    return page


def react(name: str, *, member: str = ANA, ts: str = "1503435956.000001", event_id: str = "Ev1", **signed: Any) -> Any:
    """docs.slack.dev/reference/events/reaction_added, as its example has it."""
    item = {"type": "message", "channel": "D1H9RESGL", "ts": ts}
    event = {"type": "reaction_added", "user": member, "reaction": name, "item": item, "event_ts": "1776515040.1"}
    return send_event({"type": "event_callback", "event_id": event_id, "team_id": "T1", "event": event}, **signed)


def send_event(said: Any, *, secret: str = SECRET, seconds_ago: int = 0) -> Any:
    return post("/in/slack/events/", json.dumps(said), "application/json", secret, seconds_ago)


@pytest.mark.parametrize("name", ["eyes", "white_check_mark", "+1", "+1::skin-tone-4", "thumbsup"])
def test_a_reaction_acknowledges_by_chat_and_its_person_is_told_there(rung_in_slack, slack, ana, name):
    answered = react(name)
    deliver_due(now=NOW + MINUTE)

    rung_in_slack.refresh_from_db()
    (kept,) = rung_in_slack.answers.all()
    assert (answered.status_code, answered.content) == (200, b"")
    assert (rung_in_slack.status, kept.user, kept.via) == (PageStatus.ACKNOWLEDGED, ana, Via.CHAT)
    assert [(sent["channel"], sent["blocks"][1]["text"]["text"]) for sent in slack.taken[1:]] == [
        (ANA, "You have it: [SEV2] Pipeline blocks spiking · pipeline.")
    ]


@pytest.mark.parametrize("name", ["x", "no_entry"])
def test_a_reaction_that_says_cannot_rings_the_next_person_once_however_often_the_event_comes(
    rung_in_slack, ana, jens, name
):
    for _ in range(3):
        assert react(name).status_code == 200

    assert [(kept.user, kept.kind) for kept in rung_in_slack.answers.all()] == [(ana, AnswerKind.DECLINED)]
    assert rung(rung_in_slack) == [(0, ana), (1, jens)]
    assert [(kept.key, kept.text, kept.meaning) for kept in IncomingAnswer.objects.all()] == [
        ("slack:Ev1", name, "cannot")
    ]
    assert Message.objects.filter(dedup_key__startswith="incoming:").count() == 1


def test_another_reaction_or_one_to_another_message_does_nothing_and_is_taken(rung_in_slack):
    answered = [react("tada"), react("eyes", ts="1503435956.000099"), react("no_entry_sign", event_id="Ev2")]

    assert [(told.status_code, told.content) for told in answered] == [(200, b"")] * 3
    assert (rung_in_slack.answers.count(), IncomingAnswer.objects.count()) == (0, 0)


def test_a_reaction_to_what_is_no_page_answers_nothing(rung_in_slack):
    Message.objects.update(kind=MessageKind.NUDGE)

    assert react("eyes").status_code == 200
    assert (rung_in_slack.answers.count(), IncomingAnswer.objects.count()) == (0, 0)


def test_a_reaction_of_somebody_else_is_refused_in_silence(rung_in_slack, jens):
    ContactPointFactory(user=jens, transport=Transport.SLACK, address="U0JENS0000")

    answered = react("eyes", member="U0JENS0000")

    rung_in_slack.refresh_from_db()
    (kept,) = IncomingAnswer.objects.all()
    assert (answered.status_code, rung_in_slack.status) == (200, PageStatus.RINGING)
    assert (kept.outcome, kept.sender, kept.reply) == (
        IncomingOutcome.REFUSED,
        "U0JENS0000",
        "This page rang @ana, and nobody else answers it here.",
    )
    assert not Message.objects.filter(dedup_key__startswith="incoming:").exists()


def test_a_reaction_to_a_message_that_tells_of_several_pages_says_that_it_answers_none(rung_in_slack):
    Message.objects.update(link="")

    react("+1")

    (kept,) = IncomingAnswer.objects.all()
    told = Message.objects.get(dedup_key__startswith="incoming:")
    assert (kept.outcome, told.address, told.body) == (
        IncomingOutcome.REFUSED,
        ANA,
        "This message tells of several pages at once; nothing was changed. Answer each by its own link.",
    )


@pytest.mark.parametrize(("secret", "seconds_ago"), [("another secret", 0), (SECRET, 301)])
def test_an_event_that_slack_did_not_sign_just_now_is_refused(rung_in_slack, secret, seconds_ago):
    signed = {"secret": secret, "seconds_ago": seconds_ago}
    answered = [react("eyes", **signed), send_event({"type": "url_verification", "challenge": "3eZbrw1a"}, **signed)]

    assert [(told.status_code, b"3eZbrw1a" in told.content) for told in answered] == [(403, False)] * 2
    assert (rung_in_slack.answers.count(), IncomingAnswer.objects.count()) == (0, 0)


def test_slack_gets_its_challenge_back():
    answered = send_event({"type": "url_verification", "token": "old", "challenge": "3eZbrw1a"})

    assert (answered.status_code, answered.content, answered["Content-Type"]) == (200, b"3eZbrw1a", "text/plain")


@pytest.mark.parametrize(
    "said", [[], {}, {"type": "event_callback"}, {"type": "event_callback", "event": {"type": "x"}}]
)
def test_an_event_that_is_no_reaction_is_taken_and_means_nothing(said):
    assert send_event(said).status_code == 200
    assert not IncomingAnswer.objects.exists()
