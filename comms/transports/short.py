"""A message as a phone shows it: the first hundred characters first, how to answer, the link; in few SMS segments.

Sizes are those of 3GPP TS 23.038: a segment of several holds 153 septets of the GSM alphabet, or 67 units of UTF-16 as
soon as one character is not in it. So typographic marks, which Muster's own sentences use, become plain ones.
"""

from comms.transports.base import Envelope

FIRST_WORDS = 100
SEGMENTS = 4
SEPTETS, UNITS = 153, 67
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_DOUBLE = frozenset("^{}\\[~]|€\f")
PLAIN = str.maketrans(
    {
        **dict.fromkeys("·•–—‐‑−", "-"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("‘’‚`´", "'"),
        "…": "...",
        "→": "->",
        "\u00a0": " ",
        "\u202f": " ",
    }
)


def short_text(envelope: Envelope, *, takes_replies: bool = True) -> str:
    """Subject, then how to answer by a word, or what there is to say, then the link; in at most four segments.

    Only what has a code (`facts["code"]`) can be answered, and nobody is told to reply where nothing `takes_replies`.
    It is cut in the middle: the subject keeps its first hundred characters, the code and the link stay whole.
    """
    head = _cut(plain(envelope.subject), FIRST_WORDS)
    code = envelope.facts.get("code")
    said = "" if code else " ".join(plain(envelope.body).split())
    tail = [f"Reply ACK {code}, or NO {code}."] if code and takes_replies else []
    tail += [envelope.link] if envelope.link else []
    rest = "\n".join(tail)
    room = _limit(head + said + rest) - sum(_units(part) + 1 for part in (head, rest) if part)
    if said and (kept := _cut(said, room)):
        head = f"{head}\n{kept}"
    return "\n".join(part for part in (head, rest) if part)


def segments(text: str) -> int:
    """How many SMS segments a text takes."""
    single, several = (160, SEPTETS) if _is_gsm(text) else (70, UNITS)
    size = _units(text) if _is_gsm(text) else len(text.encode("utf-16-be")) // 2
    return 1 if size <= single else -(-size // several)


def plain(text: str) -> str:
    """With marks that cost no other alphabet."""
    return text.translate(PLAIN)


def _cut(text: str, size: int) -> str:
    """At most `size` characters; nothing where not even a word has room."""
    if len(text) <= size:
        return text
    return text[: size - 3] + "..." if size > 10 else ""


def _is_gsm(text: str) -> bool:
    return all(letter in GSM or letter in GSM_DOUBLE for letter in text)


def _limit(text: str) -> int:
    return SEGMENTS * (SEPTETS if _is_gsm(text) else UNITS)


def _units(text: str) -> int:
    """Its size in septets, an upper bound where the text is no GSM text."""
    return sum(2 if letter in GSM_DOUBLE or ord(letter) > 0xFFFF else 1 for letter in text)
