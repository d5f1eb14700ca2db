"""A small real server that takes messages as Slack's chat.postMessage and response addresses do."""

import json
from dataclasses import dataclass, field
from typing import Any

from werkzeug import Request, Response

TOKEN = "xoxb-of-our-app"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
ANA = "U024BE7LH"
# docs.slack.dev/reference/block-kit/blocks: what a block of each type must have, and how long its text may be.
LONGEST = {"header": 150, "section": 3000}
ELEMENTS, VALUE, LABEL, ACTION_ID = 25, 2000, 75, 255
STYLES = {"primary", "danger", None}


def breaches(blocks: list[dict[str, Any]]) -> list[str]:
    """What Slack would refuse as invalid_blocks, in words."""
    found = [] if len(blocks) <= 50 else ["more than 50 blocks"]
    seen: set[str] = set()
    for block in blocks:
        if block["type"] in LONGEST:
            text = block.get("text") or {}
            if text.get("type") not in {"plain_text", "mrkdwn"} or not text.get("text"):
                found.append(f"{block['type']}: no text")
            elif len(text["text"]) > LONGEST[block["type"]]:
                found.append(f"{block['type']}: too long")
        elif block["type"] == "actions":
            found += [wrong for button in block["elements"] for wrong in wrong_with(button, seen)]
            found += [] if 0 < len(block["elements"]) <= ELEMENTS else ["actions: how many"]
        else:
            found.append(f"unknown block {block['type']}")
    return found


def wrong_with(button: dict[str, Any], seen: set[str]) -> list[str]:
    """What is wrong with one button; its action_id must be its own within the message."""
    name = button.get("action_id", "")
    again = name in seen
    seen.add(name)
    rules = {
        "type": button.get("type") == "button",
        "text": button.get("text", {}).get("type") == "plain_text" and len(button["text"]["text"]) <= LABEL,
        "action_id": 0 < len(name) <= ACTION_ID and not again,
        "value": len(button.get("value", "")) <= VALUE,
        "style": button.get("style") in STYLES,
    }
    return [f"button {name}: {rule}" for rule, holds in rules.items() if not holds]


@dataclass
class FakeSlack:
    """What it took, and what it answers instead when told to: an HTTP status, and Slack's error if it says one."""

    taken: list[dict[str, Any]] = field(default_factory=list)
    replaced: list[dict[str, Any]] = field(default_factory=list)
    refuses: tuple[int, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def post_message(self, request: Request) -> Response:
        """chat.postMessage: an error is an answer 200 with ok false, but for limits and outages."""
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.said(200, {"ok": False, "error": "invalid_auth"})
        if self.refuses:
            status, error = self.refuses
            return self.said(status, {"ok": False, "error": error}) if error else Response("oops", status=status)
        sent = json.loads(request.get_data())
        if breaches(sent.get("blocks", [])) or not sent.get("channel"):
            return self.said(200, {"ok": False, "error": "invalid_blocks"})
        self.taken.append(sent)
        ts = f"1503435956.{len(self.taken):06d}"
        message = {"type": "message", "ts": ts, "text": sent["text"], "bot_id": "B123"}
        return self.said(200, {"ok": True, "channel": "D1H9RESGL", "ts": ts, "message": message})

    def respond(self, request: Request) -> Response:
        """A response_url: plain `ok`, or a status with a word."""
        if self.refuses:
            return Response(self.refuses[1], status=self.refuses[0])
        sent = json.loads(request.get_data())
        assert breaches(sent.get("blocks", [])) == []
        self.replaced.append(sent)
        return Response("ok")

    def said(self, status: int, answer: dict[str, Any]) -> Response:
        """As JSON, as Slack says everything."""
        return Response(json.dumps(answer), status=status, headers=self.headers, content_type="application/json")


def serve(httpserver: Any, settings: Any) -> FakeSlack:
    """A Slack of this machine; the settings know our app there."""
    fake = FakeSlack()
    httpserver.expect_request("/api/chat.postMessage", method="POST").respond_with_handler(fake.post_message)
    httpserver.expect_request("/actions/T1/2/3", method="POST").respond_with_handler(fake.respond)
    settings.SLACK_API_URL = httpserver.url_for("/api/")
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRET = TOKEN, SECRET
    return fake
