"""Direct messages in Slack, as Slack takes and refuses them."""

import pytest

from comms.transports import slack as transport
from comms.transports.base import PermanentFailure, Receipt, TemporaryFailure
from comms.transports.slack import SlackTransport
from tests.comms.conftest import free_port
from tests.comms.transports.envelopes import KEY, envelope
from tests.comms.transports.slack.workspace import ANA, breaches

LINK = "http://127.0.0.1:8000/p/abc/"


def send(address=ANA, **changes):
    return SlackTransport().send(envelope(address, **changes))


def test_a_page_has_its_words_and_a_button_for_each_answer(slack):
    receipt = send()

    (sent,) = slack.taken
    header, section, actions = sent["blocks"]
    assert receipt == Receipt("Slack took it as 1503435956.000001.", their_key="D1H9RESGL:1503435956.000001")
    assert (sent["channel"], sent["text"]) == (ANA, "[SEV2] Pipeline blocks spiking · api")
    assert (header["text"]["text"], section["text"]["text"]) == (sent["text"], "You are paged.")
    assert [(b["text"]["text"], b["action_id"], b.get("value")) for b in actions["elements"]] == [
        ("I’m on it", "muster-answer:on_it", LINK),
        ("5 min", "muster-answer:5", LINK),
        ("15 min", "muster-answer:15", LINK),
        ("30 min", "muster-answer:30", LINK),
        ("I can’t", "muster-answer:cannot", LINK),
        ("Open", "muster-open", None),
    ]
    assert actions["elements"][-1]["url"] == LINK


def test_what_is_no_page_has_the_way_to_it_and_nothing_to_answer(slack):
    send(kind="notice")
    send(kind="notice", link="", body="")

    assert [[block["type"] for block in sent["blocks"]] for sent in slack.taken] == [
        ["header", "section", "actions"],
        ["header"],
    ]
    assert [button["action_id"] for button in slack.taken[0]["blocks"][-1]["elements"]] == ["muster-open"]


def test_what_people_wrote_is_never_read_as_markup_and_calls_nobody(slack):
    send(subject="<!channel> *bold* <@U1>", body="<!here> & <https://a.example|click>")

    (sent,) = slack.taken
    assert {block["text"]["type"] for block in sent["blocks"] if "text" in block} == {"plain_text"}
    assert sent["blocks"][1]["text"]["text"] == "<!here> & <https://a.example|click>"
    assert sent["text"] == "&lt;!channel&gt; *bold* &lt;@U1&gt;"
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)


def test_a_repeat_carries_the_same_key(slack):
    send()
    send()

    assert [sent["metadata"]["event_payload"] for sent in slack.taken] == [{"key": str(KEY)}] * 2


def test_what_is_too_long_is_cut_to_what_slack_takes(slack):
    send(subject="s" * 300, body="b" * 5000)

    (sent,) = slack.taken
    assert breaches(sent["blocks"]) == []
    assert [len(block["text"]["text"]) for block in sent["blocks"][:2]] == [150, 3000]


@pytest.mark.parametrize("error", ["channel_not_found", "user_not_found", "account_inactive", "cannot_dm_bot"])
def test_who_cannot_be_told_cannot_be_told_for_good(slack, error):
    slack.refuses = (200, error)

    with pytest.raises(PermanentFailure, match=rf"^Slack said {error}\.$"):
        send()


@pytest.mark.parametrize("error", ["invalid_auth", "missing_scope", "internal_error", "a_word_of_tomorrow"])
def test_what_an_admin_or_time_can_mend_is_tried_again(slack, error):
    slack.refuses = (200, error)

    with pytest.raises(TemporaryFailure, match=rf"^Slack said {error}\.$"):
        send()


def test_the_wish_of_a_slack_that_is_too_busy_is_heard(slack):
    slack.refuses, slack.headers = (429, "ratelimited"), {"Retry-After": "30"}

    with pytest.raises(TemporaryFailure, match="ratelimited") as refusal:
        send()

    assert refusal.value.retry_after == 30


def test_an_outage_means_later(slack):
    slack.refuses = (503, "")

    with pytest.raises(TemporaryFailure):
        send()


def test_nobody_there_means_later(slack, settings):
    settings.SLACK_API_URL = f"http://127.0.0.1:{free_port()}/api/"

    with pytest.raises(TemporaryFailure, match="Slack cannot be reached"):
        send()


def test_a_slack_that_is_silent_means_later(slack, settings, silent_address, monkeypatch):
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 0.2)
    settings.SLACK_API_URL = f"http://{silent_address}/api/"

    with pytest.raises(TemporaryFailure, match="Slack cannot be reached"):
        send()


def test_a_wrong_token_is_mended_by_an_admin_so_it_is_tried_again(slack, settings):
    settings.SLACK_BOT_TOKEN = "xoxb-of-yesterday"

    with pytest.raises(TemporaryFailure, match="invalid_auth"):
        send()


def test_without_an_app_nothing_is_sent_and_the_reason_names_the_setting(slack, settings):
    settings.SLACK_BOT_TOKEN = ""

    with pytest.raises(PermanentFailure, match="SLACK_BOT_TOKEN is empty"):
        send()
    assert slack.taken == []


def test_words_take_the_place_of_the_message_that_was_pressed(slack, httpserver):
    receipt = send(httpserver.url_for("/actions/T1/2/3"), kind="notice", body="You have it.")

    (sent,) = slack.replaced
    assert receipt == Receipt("Slack replaced the message.")
    assert (sent["replace_original"], sent["text"]) == (True, "You have it.")
    assert "muster-answer" not in str(sent["blocks"])


@pytest.mark.parametrize(
    ("status", "means"), [(404, PermanentFailure), (500, TemporaryFailure), (429, TemporaryFailure)]
)
def test_an_address_to_replace_at_that_has_ended_is_for_good(slack, httpserver, status, means):
    slack.refuses = (status, "expired_url")

    with pytest.raises(means, match=f"Slack said {status}: expired_url"):
        send(httpserver.url_for("/actions/T1/2/3"), kind="notice")


def test_what_slack_would_refuse_is_seen():
    long = {"type": "header", "text": {"type": "plain_text", "text": "h" * 151}}
    button = {"type": "button", "text": {"type": "plain_text", "text": "x"}, "action_id": "a", "style": "loud"}
    twice = {"type": "actions", "elements": [{**button, "style": "danger"}, {**button, "style": None}]}

    assert breaches([long, {"type": "actions", "elements": [button]}, twice, {"type": "sectoin"}]) == [
        "header: too long",
        "button a: style",
        "button a: action_id",
        "button a: action_id",
        "unknown block sectoin",
    ]
