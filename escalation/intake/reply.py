"""“ack k7m”, “no”, “in 15”: what a few words from a phone or a mail mean. Pure, and it never raises.

It is strict where a mistake would silence a page: a line with one word that it does not know means nothing at all.
"""

import re
import unicodedata
from dataclasses import dataclass

ACKNOWLEDGE, DECLINE, IGNORE = "acknowledge", "decline", ""
YES = (
    *("ack", "acked", "ackd", "acknowledge", "acknowledged", "ok", "okay", "yes", "yep", "y", "mine"),
    *("on it", "im on it", "i am on it", "got it", "ive got it", "have it", "i have it"),
    *("coming", "im coming", "on my way"),
)
NO = ("no", "nope", "nack", "cannot", "cant", "can not", "i cannot", "i cant", "i can not", "decline", "not me")
POLITE = ("please", "pls", "thanks", "thank you", "thx", "ty")
PHRASES = {**dict.fromkeys(YES, ACKNOWLEDGE), **dict.fromkeys(NO, DECLINE), **dict.fromkeys(POLITE, IGNORE)}
LONGEST_PHRASE = 4
# Behind this word a mail of ours carries the whole ref of its page, so that any reply to it has it too.
CODE_WORD = "Code"
IN_SUBJECT = re.compile(rf"\b{CODE_WORD} ([a-z][a-z0-9]{{7}})\b", re.IGNORECASE | re.ASCII)
UNITS = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 1),
    **dict.fromkeys(("h", "hour", "hours"), 60),
}
NUMBER = re.compile(r"(\d{1,3})([a-z]*)\Z", re.ASCII)
CODE = re.compile(r"[a-z][a-z0-9]{2,7}\Z", re.ASCII)
# A smaller number alone may be a slip, or a phone's key; with a word before it, it is minutes.
SHORTEST_ALONE, LONGEST = 5, 240
LONGEST_LINE = 200
THUMBS = "👍"
BRACKETS = "<>"
QUOTE = (">", "|")
SIGNATURE = re.compile(r"(--\s*|_{3,}|-{5}.*-{5})\Z")
ATTRIBUTION = re.compile(r"(on|am|le|el|il|op)\b.*:\Z|(from|von|de|da)\s*:", re.IGNORECASE)
SENT_FROM = re.compile(r"\bsent from (my|mail|outlook|yahoo)\b.*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Reply:
    """What was meant: “cannot”, or “on it”, in `minutes` from now (None: at once), about the page with `code`."""

    declines: bool = False
    minutes: int | None = None
    code: str = ""

    def __str__(self) -> str:
        words = ["cannot" if self.declines else "on it"]
        words += [f"in {self.minutes} min"] if self.minutes else []
        return " ".join([*words, self.code.upper()] if self.code else words)


KEYS = {"1": Reply(), "2": Reply(declines=True), "3": Reply(minutes=15)}
"""What the keys of a phone mean while a page is being spoken."""
BUTTONS = {
    "on_it": Reply(),
    **{str(minutes): Reply(minutes=minutes) for minutes in (5, 15, 30)},
    "cannot": Reply(declines=True),
}
"""What the buttons of a message in a chat mean."""
REACTIONS = {
    **dict.fromkeys(("eyes", "white_check_mark", "+1", "thumbsup"), Reply()),
    **dict.fromkeys(("x", "no_entry"), Reply(declines=True)),
}
"""What reactions to a message in a chat mean, by their names in Slack: 👀 ✅ 👍, ❌ ⛔."""
PRESSES = KEYS | BUTTONS | REACTIONS
"""All of them: no two have the same name."""


def read_reply(text: str) -> Reply | None:
    """What `text` says in its own first line; None when it says nothing that can be told for certain."""
    words = _words(own_line(text))
    return _meaning(words) if words else None


def code_of_subject(subject: str) -> str:
    """The code that a reply carries in its subject, in lower case; the last one, as a summary stands before ours."""
    return next((found.lower() for found in reversed(IN_SUBJECT.findall(subject))), "")


def own_line(text: str) -> str:
    """The first line that the sender wrote: no quote of ours, and nothing from their signature on."""
    for line in text.splitlines():
        bare = line.strip()
        if not bare or bare.startswith(QUOTE):
            continue
        if SIGNATURE.match(bare) or ATTRIBUTION.match(bare):
            return ""
        return SENT_FROM.sub("", bare)
    return ""


def _words(line: str) -> list[str]:
    """The line in lower case without its punctuation; nothing when it is longer than any answer."""
    if len(line) > LONGEST_LINE:
        return []
    plain = unicodedata.normalize("NFKC", line).lower().replace("’", "'").replace("'", "")
    words = "".join(" " if _is_mark(letter) else letter for letter in plain).split()
    return words or (["ok"] if THUMBS in line else [])


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PZC" or letter in BRACKETS + THUMBS


def _meaning(words: list[str]) -> Reply | None:
    verbs: set[str] = set()
    codes: list[str] = []
    times: list[int] = []
    while words:
        size = next((size for size in range(LONGEST_PHRASE, 0, -1) if " ".join(words[:size]) in PHRASES), 0)
        if size:
            verbs |= {PHRASES[" ".join(words[:size])]} - {IGNORE}
            words = words[size:]
        elif (arrival := _arrival(words, is_alone=not verbs)) is not None:
            minutes, size = arrival
            times.append(minutes)
            words = words[size:]
        elif CODE.match(words[0]):
            codes.append(words[0])
            words = words[1:]
        else:
            return None
    is_one = len(verbs) <= 1 and len(codes) <= 1 and len(times) <= 1 and (verbs or times)
    if not is_one or (times and DECLINE in verbs):
        return None
    return Reply(declines=DECLINE in verbs, minutes=times[0] if times else None, code=codes[0] if codes else "")


def _arrival(words: list[str], *, is_alone: bool) -> tuple[int, int] | None:
    """(minutes, words read) of `in 15`, `15 min`, `15m`, `1 h`; None when these words are no such time."""
    begin = 1 if words[0] == "in" else 0
    number = NUMBER.match(words[begin]) if len(words) > begin else None
    if not number:
        return None
    unit, size = number[2], begin + 1
    if not unit and len(words) > size and words[size] in UNITS:
        unit, size = words[size], size + 1
    if unit and unit not in UNITS:
        return None
    minutes = int(number[1]) * UNITS.get(unit, 1)
    is_bare = is_alone and not begin and not unit
    return (minutes, size) if (SHORTEST_ALONE if is_bare else 1) <= minutes <= LONGEST else None
