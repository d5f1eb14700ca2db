"""A few words mean what they say, and whatever is not certain means nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.intake.reply import LONGEST, PHRASES, Reply, own_line, read_reply

ON_IT, CANNOT = Reply(), Reply(declines=True)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("ack", ON_IT),
        ("ACK.", ON_IT),
        ("“Ack”", ON_IT),
        ("ok", ON_IT),
        ("Yes!", ON_IT),
        ("I’m on it, thanks", ON_IT),
        ("👍", ON_IT),
        ("ok 👍", ON_IT),
        ("ack k7m", Reply(code="k7m")),
        ("K7M ack", Reply(code="k7m")),
        ("ACK <K7M>", Reply(code="k7m")),
        ("yes, k7mabcde please", Reply(code="k7mabcde")),
        ("no", CANNOT),
        ("NO K7M", Reply(declines=True, code="k7m")),
        ("can't", CANNOT),
        ("I can not", CANNOT),
        ("15", Reply(minutes=15)),
        ("in 15", Reply(minutes=15)),
        ("in 15 min", Reply(minutes=15)),
        ("15min k7m", Reply(minutes=15, code="k7m")),
        ("ack k7m in 1 h", Reply(minutes=60, code="k7m")),
        ("ok, 3", Reply(minutes=3)),
        ("in 2", Reply(minutes=2)),
        ("ack\n-- \nAna, platform", ON_IT),
        ("\n\n  ack\n\nSent from my iPhone", ON_IT),
        ("ack Sent from my iPhone", ON_IT),
        ("> Reply ACK K7M\nno k7m", Reply(declines=True, code="k7m")),
        ("ack\n\nOn Sat, Muster wrote:\n> no", ON_IT),
    ],
)
def test_what_people_write_is_understood(text, meaning):
    assert read_reply(text) == meaning


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "k7m",
        "1",
        "0",
        "in 0",
        "999",
        "ok no",
        "no 15",
        "ack k7m m3p",
        "5 15",
        "ok but I cannot",
        "ok нет",
        "ok 👎",
        "call me",
        "who is this?",
        "ack 15 x",
        "> ack",
        "-- \nack",
        "On Sat, 18 Apr 2026, Muster wrote:\nack",
        "From: Muster\nack",
        "ack " + "x" * 300,
    ],
)
def test_what_is_not_certain_means_nothing(text):
    assert read_reply(text) is None


def test_the_meaning_is_said_in_words():
    said = [str(one) for one in (ON_IT, CANNOT, Reply(minutes=15, code="k7m"), Reply(declines=True, code="k7m"))]

    assert said == ["on it", "cannot", "on it in 15 min K7M", "cannot K7M"]


@given(st.text(max_size=400))
def test_it_never_raises_and_means_only_what_can_be_done(text):
    reply = read_reply(text)

    if reply is not None:
        assert reply.minutes is None or (1 <= reply.minutes <= LONGEST and not reply.declines)
        assert reply.code == "" or (reply.code.isascii() and 3 <= len(reply.code) <= 8)


@given(
    verb=st.sampled_from(sorted(phrase for phrase, means in PHRASES.items() if means)),
    code=st.from_regex(r"[a-hj-km-np-z][a-hj-km-np-z2-9]{2}", fullmatch=True).filter(lambda code: code not in PHRASES),
    first=st.booleans(),
    ending=st.sampled_from(["", ".", "!", "\n-- \nAna", "\n> Reply NO", "\nSent from my phone"]),
    loud=st.booleans(),
)
def test_a_word_and_a_code_mean_the_same_however_they_stand(verb, code, first, ending, loud):
    line = f"{code} {verb}" if first else f"{verb} {code}"

    assert read_reply((line.upper() if loud else line) + ending) == Reply(
        declines=PHRASES[verb] == "decline", code=code
    )


@given(st.lists(st.text(max_size=60), max_size=6))
def test_the_own_line_is_one_of_the_lines_and_never_a_quote(lines):
    found = own_line("\n".join(lines))

    assert "\n" not in found
    assert not found.startswith(">")
