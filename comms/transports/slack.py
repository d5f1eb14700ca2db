"""A direct message in Slack, with buttons that answer a page; and the words that take the place of one once answered.

Slack knows no idempotency key for what an app posts: a repeat is a second message, told apart by the key in its
metadata. Nothing that people wrote is read as Slack's markup: every text is a plain one.
"""

from html import escape
from typing import Any
from urllib.error import URLError

from django.conf import settings
from django.http import HttpRequest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, HeaderBlock, PlainTextObject, SectionBlock
from slack_sdk.signature import SignatureVerifier
from slack_sdk.webhook import WebhookClient

from comms.enums import MessageKind
from comms.intake.slack import ACTION, place_of
from comms.transports.base import ANSWER_TIMEOUT, Envelope, PermanentFailure, Receipt, TemporaryFailure
from comms.transports.http import seconds_of

# docs.slack.dev/reference/block-kit: a header has 150 characters at most, a text 3,000; and what a phone shows first.
HEADER, TEXT, PREVIEW = 150, 3000, 200
# (value of the button, its words, its colour) in the order in which they stand.
ANSWERS = (
    ("on_it", "I’m on it", "primary"),
    ("5", "5 min", None),
    ("15", "15 min", None),
    ("30", "30 min", None),
    ("cannot", "I can’t", "danger"),
)
# docs.slack.dev/reference/methods/chat.postMessage: what no second attempt will change.
FOR_GOOD = {
    "account_inactive",
    "cannot_dm_bot",
    "channel_not_found",
    "ekm_access_denied",
    "invalid_blocks",
    "is_archived",
    "messages_tab_disabled",
    "msg_too_long",
    "no_permission",
    "no_text",
    "not_in_channel",
    "restricted_action",
    "user_not_found",
}


class SlackTransport:
    """To a member (`U…`), a conversation (`C…`, `D…`), or to the address at which a pressed message is replaced."""

    def send(self, envelope: Envelope) -> Receipt:
        """Post it once. Slack's word decides: what FOR_GOOD lists is for good, all else may pass later."""
        if not settings.SLACK_BOT_TOKEN:
            raise PermanentFailure("No Slack app is set: SLACK_BOT_TOKEN is empty.")
        if envelope.address.startswith(("https://", "http://")):
            return _replace(envelope)
        slack = WebClient(
            settings.SLACK_BOT_TOKEN, base_url=settings.SLACK_API_URL, timeout=ANSWER_TIMEOUT, retry_handlers=[]
        )
        told = {"event_type": "muster_message", "event_payload": {"key": str(envelope.key)}}
        try:
            answer = slack.chat_postMessage(
                channel=envelope.address,
                text=plain(envelope.subject[:PREVIEW]),
                blocks=blocks(envelope),
                metadata=told,
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            raise _failure(error) from error
        except (SlackRequestError, URLError, OSError) as error:
            raise TemporaryFailure(f"Slack cannot be reached: {type(error).__name__}") from error
        place = place_of(str(answer.get("channel")), str(answer.get("ts")))
        return Receipt(f"Slack took it as {answer.get('ts')}.", their_key=place)


def blocks(envelope: Envelope) -> list[dict[str, Any]]:
    """What a reader sees: the subject, the words, and for a page the buttons that answer it."""
    shown: list[Block] = [HeaderBlock(text=PlainTextObject(text=envelope.subject[:HEADER], emoji=False))]
    if envelope.body.strip():
        shown.append(SectionBlock(text=PlainTextObject(text=envelope.body.strip()[:TEXT], emoji=False)))
    buttons: list[Any] = []
    if envelope.kind == MessageKind.PAGE and envelope.link:
        buttons = [
            ButtonElement(text=words, action_id=f"{ACTION}{value}", value=envelope.link, style=style)
            for value, words, style in ANSWERS
        ]
    if envelope.link:
        buttons.append(ButtonElement(text="Open", action_id="muster-open", url=envelope.link))
        shown.append(ActionsBlock(elements=buttons))
    return [block.to_dict() for block in shown]


def plain(text: str) -> str:
    """`text` as Slack shows it letter by letter: its three signs of markup escaped (docs.slack.dev, “Formatting”)."""
    return escape(text, quote=False)


def _replace(envelope: Envelope) -> Receipt:
    """Put the words in the place of the message whose button was pressed; Slack takes that for half an hour."""
    try:
        answer = WebhookClient(envelope.address, timeout=ANSWER_TIMEOUT, retry_handlers=[]).send(
            text=plain(envelope.body or envelope.subject)[:TEXT], blocks=blocks(envelope), replace_original=True
        )
    except (SlackRequestError, URLError, OSError) as error:
        raise TemporaryFailure(f"Slack cannot be reached: {type(error).__name__}") from error
    if answer.status_code != 200:
        said = f"Slack said {answer.status_code}: {answer.body[:200]}"
        raise (
            TemporaryFailure(said)
            if answer.status_code >= 500 or answer.status_code == 429
            else PermanentFailure(said)
        )
    return Receipt("Slack replaced the message.")


def _failure(error: SlackApiError) -> TemporaryFailure | PermanentFailure:
    status = int(error.response.status_code or 0)
    body = error.response.data if isinstance(error.response.data, dict) else {}
    reason = str(body.get("error") or f"HTTP {status}")
    if reason in FOR_GOOD:
        return PermanentFailure(f"Slack said {reason}.")
    wish = (error.response.headers or {}).get("Retry-After")
    return TemporaryFailure(f"Slack said {reason}.", retry_after=seconds_of(wish))


def is_signed(request: HttpRequest) -> bool:
    """Whether this request was signed by Slack for our app, in the last five minutes. Without a secret none is."""
    if not settings.SLACK_SIGNING_SECRET:
        return False
    stamp = request.headers.get("X-Slack-Request-Timestamp", "")
    if not (stamp.isascii() and stamp.isdigit()):
        return False
    signature = request.headers.get("X-Slack-Signature", "")
    return bool(SignatureVerifier(settings.SLACK_SIGNING_SECRET).is_valid(request.body, stamp, signature))
