"""Names in a line are filled in, and no value gets out of its place."""

import shlex
import shutil
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.filling import NOT_SEEN, fill_command, fill_link, fill_whole_command, names_in, unsafe_name

HOSTILE = 'api\'; rm -rf "$HOME" `id` $(id) \\ \n&|<>!'
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


def test_a_name_that_nobody_knows_stays_for_a_person_to_see():
    line = "helm history {release} -n {service}"

    assert fill_command(line, {"service": "api"}) == "helm history {release} -n api"
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


READ_AS_IS = [
    *(
        HOSTILE,
        "$(reboot)",
        "`reboot`",
        "$HOME",
        "${HOME}",
        "\\",
        "\\\\'",
        "'\"'\"'",
        '"',
        "a\nb",
        "* ?",
        "~",
        "~root",
    ),
    *("!!", "#x", "a;b", "a&b", ">x", "(a)", "{a,b}", "[a]", "-n", "--", "A=1", "%s", " ", "é漢\u00a0", "{release}"),
]
LINES = [
    ("printf '%s\\0' {x}", "{}"),
    ("printf '%s\\0' --name={x} ", "--name={}"),
    ("printf '%s\\0' \"--name={x}\"", "--name={}"),
    ("printf '%s\\0' '--name={x}'", "--name={}"),
    ('printf \'%s\\0\' "a \\" {x} b"', 'a " {} b'),
]


@pytest.mark.parametrize("shell", [name for name in ("sh", "dash", "bash") if shutil.which(name)])
@pytest.mark.parametrize(("line", "word"), LINES)
def test_the_shells_that_the_docs_name_read_exactly_the_value(shell, line, word):
    written = "\n".join(fill_command(line, {"x": value}) for value in READ_AS_IS)

    ran = subprocess.run([shell, "-c", written], capture_output=True, check=True, timeout=30)

    words = ran.stdout.decode().split("\0")[:-1]
    assert words == [word.replace("{}", value) for value in READ_AS_IS]
    assert ran.stderr == b""


def test_a_value_where_the_program_stands_is_a_program_and_sets_nothing():
    assert fill_command("{x} --version", {"x": "A=1"}) == "'A=1' --version"


@given(WORDS, WORDS)
def test_whatever_the_values_are_the_shell_reads_them_back(first, second):
    filled = fill_command("run --a={a} \"{b} {a}\" '{b}'", {"a": first, "b": second})

    assert shlex.split(filled) == ["run", f"--a={first}", f"{second} {first}", second]


def test_a_value_in_an_address_adds_no_parameter():
    filled = fill_link("https://logs.example.com/?q={service}&from=1", {"service": "a&from=2#x/../"})

    assert parse_qs(urlsplit(filled).query) == {"q": ["a&from=2#x/../"], "from": ["1"]}


SEEN = st.text(st.characters(exclude_categories=sorted(NOT_SEEN)), min_size=1, max_size=60)


@given(SEEN)
@example("$(reboot)")
@example("'\"'\"'")
@example("`reboot`")
@example("\\")
@example("{release}")
def test_what_was_typed_is_exactly_one_word_of_the_command(value):
    filled = fill_whole_command("helm rollback {release} -l app={release}", {"release": value})

    assert shlex.split(filled) == ["helm", "rollback", value, "-l", f"app={value}"]


@pytest.mark.parametrize("value", ["a\nb", "a\r", "a\0b", "a\x1b[2K", "a\u202eb", "a\u2028b"])
def test_a_line_break_and_what_is_not_seen_are_refused(value):
    with pytest.raises(InvalidInput, match="release holds a line break, or a character that is not seen") as refusal:
        fill_whole_command("helm rollback {release}", {"release": value})

    assert refusal.value.field == "release"


@pytest.mark.parametrize("values", [{}, {"release": ""}])
def test_a_value_that_is_missing_is_asked_for(values):
    with pytest.raises(InvalidInput, match="Say what release is"):
        fill_whole_command("helm rollback {release}", values)


def test_an_endless_value_is_refused():
    with pytest.raises(InvalidInput, match="release has 501 characters; it holds 500"):
        fill_whole_command("helm rollback {release}", {"release": "x" * 501})


@pytest.mark.parametrize(
    "line",
    ["echo `id {x}`", "echo $(id {x})", 'echo "$(id {x})"', "echo $'{x}'", "cat <<EOF {x}", "cat <<-EOF {x}"],
)
def test_a_name_where_no_quoting_is_safe_is_refused(line):
    assert unsafe_name(line) == "x"
    with pytest.raises(InvalidInput, match="where no quoting is safe; write the command by hand"):
        fill_whole_command(line, {"x": "1"})


@pytest.mark.parametrize("line", ["cat <<< {x}", "echo '`' {x}", "echo \\` {x}", "echo '$(' {x}", "a {x} $(b)"])
def test_what_only_looks_unsafe_is_filled_in(line):
    assert unsafe_name(line) == ""
    assert fill_whole_command(line, {"x": "a b"}) == line.replace("{x}", "'a b'")
