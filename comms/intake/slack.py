"""What Slack posts when a button of ours is pressed, and when somebody reacts to a message. Pure."""

import json
from dataclasses import dataclass
from typing import Any

ACTION = "muster-answer:"
"""Before the value of an answer in a button's action_id."""


@dataclass(frozen=True)
class Press:
    """One press: `answer` as the button names it, `link` of the page it stands under, who pressed, and where to reply.

    The same `key` is the same press delivered again.
    """

    key: str
    member: str
    answer: str
    link: str
    reply_to: str


@dataclass(frozen=True)
class Reaction:
    """One reaction: `name` as Slack has it, without a tone of skin; who reacted; the message's `place`.

    The same `key` is the same event delivered again.
    """

    key: str
    member: str
    name: str
    place: str


def place_of(channel: str, ts: str) -> str:
    """How a message in Slack is called: by its conversation and its moment there."""
    return f"{channel}:{ts}"


def read_press(payload: str) -> Press | None:
    """The press in a payload of type block_actions (docs.slack.dev/reference/interaction-payloads); None for others.

    Never raises: what is no press of an answer of ours (a link that was opened, another app's form) means nothing.
    """
    try:
        said: Any = json.loads(payload)
        if said["type"] != "block_actions":
            return None
        action = said["actions"][0]
        name, member = str(action["action_id"]), str(said["user"]["id"])
        key = f"slack:{member}:{action['action_ts']}:{name}"[:200]
        link, reply_to = str(action["value"]), str(said.get("response_url") or "")
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    if not name.startswith(ACTION):
        return None
    return Press(key=key, member=member, answer=name.removeprefix(ACTION), link=link, reply_to=reply_to)


def read_challenge(body: bytes) -> str:
    """The word that Slack wants back when it is given our address (docs.slack.dev, url_verification); else empty."""
    try:
        said: Any = json.loads(body)
        return str(said["challenge"]) if said["type"] == "url_verification" else ""
    except (ValueError, KeyError, TypeError):
        return ""


def read_reaction(body: bytes) -> Reaction | None:
    """The reaction in an event (docs.slack.dev/reference/events/reaction_added); None for other events.

    Never raises: what was taken away again, or stands under a file, means nothing.
    """
    try:
        said: Any = json.loads(body)
        event = said["event"]
        if said["type"] != "event_callback" or event["type"] != "reaction_added" or event["item"]["type"] != "message":
            return None
        key, member = f"slack:{said['event_id']}"[:200], str(event["user"])
        name = str(event["reaction"]).partition("::")[0]
        place = place_of(str(event["item"]["channel"]), str(event["item"]["ts"]))
    except (ValueError, KeyError, TypeError):
        return None
    return Reaction(key=key, member=member, name=name, place=place)
