"""Words of blame about a person are found; words about the system are not."""

import time

import pytest

from postmortems.contradictions import blame_in, find_blame


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("@jens should have checked the threshold.", "@jens should have"),
        ("@jens clearly should've checked.", "@jens clearly should've"),
        ("Then @mira.k forgot the flag.", "@mira.k forgot"),
        ("He failed to read the runbook.", "He failed to"),
        ("The engineer ignored the alert.", "The engineer ignored"),
        ("It was @jens's fault.", "@jens's fault"),
        ("The cause was human error.", "human error"),
        ("A careless deploy.", "careless"),
        ("This was negligent.", "negligent"),
        ("We blame @jens for it.", "blame @j"),
    ],
)
def test_blame_of_a_person_is_seen(sentence, words):
    assert [(hint.sentence, hint.words) for hint in find_blame(sentence)] == [(sentence, words)]


@pytest.mark.parametrize(
    "sentence",
    [
        "The alert should have fired at 0.5 % of blocks.",
        "The regression test failed to catch it.",
        "This was not human error but a missing default.",
        "Nobody was careless.",
        "@jens rolled the threshold back.",
        "They should have been two services.",
        "A segmentation fault in detect_injection.",
        "Lazy loading hid it: lazy loads came late.",
        "Postmortems are blameless.",
        "The log said `human error` and nothing else.",
        "```\n@jens should have\n```",
        "",
    ],
)
def test_the_system_the_denial_and_code_are_left_alone(sentence):
    assert find_blame(sentence) == []


def test_only_the_sentence_at_fault_is_named_with_its_section():
    text = "- It broke at 14.15 in prod.\n- **@jens should have known.** All is well now."
    assert [(hint.section, hint.sentence) for hint in blame_in([("summary", "Fine."), ("root_cause", text)])] == [
        ("root_cause", "@jens should have known.")
    ]


def test_two_sentences_are_two_hints():
    assert len(find_blame("Human error. @jens should have asked!")) == 2


@pytest.mark.parametrize("text", ["." * 200_000, "@a" * 100_000, "`" * 200_000, "@a " * 60_000, "no " * 60_000])
def test_endless_text_is_read_in_a_moment(text):
    began = time.perf_counter()
    find_blame(text)
    assert time.perf_counter() - began < 3
