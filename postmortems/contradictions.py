"""What does not fit in a document that fixes the system and not the person: words of blame. Pure.

A hint, never a verdict: the list is small, it looks for blame beside a person, and code is left alone. “The alert
should have fired” is about the system and stays silent.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

PERSON = r"(?:@[a-z][a-z0-9._-]*|\bs?he|\bthe (?:engineer|developer|operator|primary|commander|on-call(?: \w+)?))"
DEED = (
    r"(?:should(?:n[’']t| not)? have|should[’']ve|could have|ought to have|failed to|forgot|neglected|ignored|broke|"
    r"messed up|screwed up|didn[’']t bother|did not bother|was (?:wrong|to blame|at fault|supposed to)|is to blame)"
)
ASK_SYSTEM = "What in the system allowed it, and what would have caught it?"
ASK_NEXT = "Anybody could have done the same. Which check, default or warning was missing?"
ASK_FACTS = "Say what happened and what was known at the time."
WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), advice)
    for pattern, advice in (
        (rf"{PERSON}(?: \w+ly)? {DEED}\b", ASK_SYSTEM),
        (r"@[a-z][a-z0-9._-]*[’']s (?:fault|mistake|error)\b|\b(?:his|her) (?:fault|mistake|error)\b", ASK_SYSTEM),
        (
            r"\b(?:blamed?|blames|blaming) (?:@[a-z]|him\b|her\b|them\b|the (?:engineer|developer|operator))",
            ASK_SYSTEM,
        ),
        (r"\b(?:human|operator|user|pilot)[- ]error\b", ASK_NEXT),
        (r"\bcareless(?:ly|ness)?\b|\bnegligen(?:t|tly|ce)\b|\breckless(?:ly|ness)?\b|\bsloppy\b", ASK_NEXT),
        (r"\bincompeten(?:t|ce)\b|\bstupid(?:ly|ity)?\b|\bidiot(?:ic)?\b|\blazy\b(?! load)", ASK_FACTS),
    )
)
DENIED = re.compile(
    r"\b(?:not|no|nobody|never|no one|isn[’']t|wasn[’']t|rather than|instead of)\b[^,;]{0,24}$", re.IGNORECASE
)
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?!\s|$)[^.!?\n]*)*[.!?]*")


@dataclass(frozen=True)
class BlameHint:
    """One sentence that may blame a person: where, the words, and a question that leads to the system."""

    section: str
    sentence: str
    words: str
    advice: str


def find_blame(text: str, *, section: str = "") -> list[BlameHint]:
    """The sentences of the Markdown `text` that hold words of blame, each once, in their order."""
    hints = []
    for match in SENTENCE.finditer(CODE.sub(" ", text).replace("*", "")):
        sentence = match[0].strip(" \t->#|")
        found = first_blame(sentence)
        if found:
            hints.append(BlameHint(section, sentence, *found))
    return hints


def first_blame(sentence: str) -> tuple[str, str] | None:
    """The first words of blame in `sentence` that it does not deny, with the question to ask instead."""
    for pattern, advice in WORDS:
        for match in pattern.finditer(sentence):
            if not DENIED.search(sentence[: match.start()]):
                return match[0], advice
    return None


def blame_in(sections: Iterable[tuple[str, str]]) -> list[BlameHint]:
    """The hints of a whole document, from (key, Markdown) of each section."""
    return [hint for key, body in sections for hint in find_blame(body, section=key)]
