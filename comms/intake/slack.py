"""What Slack posts when a button of ours is pressed. Pure."""

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
