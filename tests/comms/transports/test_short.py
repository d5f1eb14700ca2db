"""What a phone shows: in few segments, and never without its code and its link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comms.transports.short import segments, short_text
from tests.comms.transports.envelopes import envelope

LINK = "https://muster.example.org/a/" + "k" * 60 + "/"


def text(**changes):
    return short_text(envelope("+491701234567", **{"link": LINK, **changes}))


def test_marks_of_typesetting_do_not_cost_the_whole_alphabet():
    written = text(subject="[SEV2] “Blocks” – it’s… bad · api", facts={"code": "K7M"})

    assert written.splitlines()[0] == '[SEV2] "Blocks" - it\'s... bad - api'
    assert segments(written) == 1


def test_the_subject_keeps_its_first_hundred_characters():
    written = text(subject="[SEV2] " + "x" * 193, facts={"code": "K7M"})

    assert written == "[SEV2] " + "x" * 90 + "...\nReply ACK K7M, or NO K7M.\n" + LINK


@pytest.mark.parametrize(("letter", "length"), [("x", 610), ("ж", 266)])
def test_a_long_body_is_cut_and_the_link_stays(letter, length):
    written = text(subject="[SEV2] Blocks", body=letter * 3000)

    assert written.startswith(f"[SEV2] Blocks\n{letter}")
    assert written.endswith(f"...\n{LINK}")
    assert (segments(written), len(written)) == (4, length)


@pytest.mark.parametrize(
    ("written", "count"),
    [("x" * 160, 1), ("x" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("ж" * 70, 1), ("ж" * 71, 2), ("😀" * 36, 2)],
)
def test_segments_are_counted_as_the_phone_does(written, count):
    assert segments(written) == count


@given(subject=st.text(max_size=200), body=st.text(max_size=2000), code=st.sampled_from(["", "K7M"]))
def test_whatever_is_said_it_is_short_and_keeps_its_code_and_link(subject, body, code):
    written = text(subject=subject, body=body, facts={"code": code})

    assert written.endswith(LINK)
    assert not code or "Reply ACK K7M, or NO K7M." in written
    assert segments(written) <= 6
