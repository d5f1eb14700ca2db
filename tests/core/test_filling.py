"""Names in a line are filled in, and no value gets out of its place."""

import shlex
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.filling import fill_command, fill_link, fill_words, names_in

HOSTILE = 'api\'; rm -rf "$HOME" `id` $(id) \\ \n&|<>!'
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


def test_a_name_that_nobody_knows_stays_for_a_person_to_see():
    line = "helm history {release} -n {service}"

    assert fill_command(line, {"service": "api"}) == "helm history {release} -n api"
    assert fill_words(line, {"service": "the api"}) == "helm history {release} -n the api"
    assert names_in(line + " {service}") == ["release", "service"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("kubectl logs {service}", ["kubectl", "logs", HOSTILE]),
        ('kubectl "--name={service}" -v', ["kubectl", f"--name={HOSTILE}", "-v"]),
        ("kubectl '--name={service}' -v", ["kubectl", f"--name={HOSTILE}", "-v"]),
        ('echo "it\'s {service}" \'say "{service}"\'', ["echo", f"it's {HOSTILE}", f'say "{HOSTILE}"']),
        ('echo "a \\" {service}"', ["echo", f'a " {HOSTILE}']),
    ],
)
def test_a_hostile_value_survives_the_shell_wherever_it_stands(line, words):
    assert shlex.split(fill_command(line, {"service": HOSTILE})) == words


@given(WORDS, WORDS)
def test_whatever_the_values_are_the_shell_reads_them_back(first, second):
    filled = fill_command("run --a={a} \"{b} {a}\" '{b}'", {"a": first, "b": second})

    assert shlex.split(filled) == ["run", f"--a={first}", f"{second} {first}", second]


def test_a_value_in_an_address_adds_no_parameter():
    filled = fill_link("https://logs.example.com/?q={service}&from=1", {"service": "a&from=2#x/../"})

    assert parse_qs(urlsplit(filled).query) == {"q": ["a&from=2#x/../"], "from": ["1"]}
