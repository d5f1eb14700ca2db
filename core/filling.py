"""A line with {names} in it, filled in: as plain words, in an address, or in a command for the shell.

A name that nobody knows stays as it is, in its braces, for a person to see and to fill in.
"""

import re
import shlex
import unicodedata
from collections.abc import Mapping
from urllib.parse import quote

from core.errors import InvalidInput

NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")

# What the shell reads a second time, or ends by rules of its own: no quoting is safe behind it.
READ_TWICE = re.compile(r"`|\$\(|\$'|(?<!<)<<(?!<)")
# No line may end inside a value, and nothing may hide how the command reads.
NOT_SEEN = {"Cc", "Cf", "Zl", "Zp", "Cs"}
LONGEST_VALUE = 500


def names_in(line: str) -> list[str]:
    """The names that `line` asks for, each once, in their order."""
    return list(dict.fromkeys(NAME.findall(line)))


def fill_link(line: str, values: Mapping[str, str]) -> str:
    """An address with each known name percent-encoded whole: a value adds no path and no parameter of its own."""
    return NAME.sub(lambda found: quote(values[found[1]], safe="") if found[1] in values else found[0], line)


def fill_command(line: str, values: Mapping[str, str]) -> str:
    """A command with each known name quoted for a POSIX shell (sh, dash, bash): it reads there exactly the value.

    Other shells (fish, PowerShell, cmd.exe) quote otherwise.
    Inside quotes of the line these are closed around the value and opened again, so that `"--name={service}"` holds
    whatever the value is. Muster never runs it: a person copies it.
    """
    filled, before, mark = [], 0, ""
    for found in NAME.finditer(line):
        between = line[before : found.start()]
        mark = _open_quote(between, mark)
        filled += [between, _quoted(values[found[1]], mark) if found[1] in values else found[0]]
        before = found.end()
    return "".join([*filled, line[before:]])


def fill_whole_command(line: str, values: Mapping[str, str]) -> str:
    """`fill_command` for somebody who typed every value: nothing stays in its braces.

    Raises InvalidInput, with the name as its field, for a value that is missing, endless, or holds a line break or
    another character that is not seen; and for a name that stands where no quoting is safe.
    """
    for name in names_in(line):
        _check_value(name, values.get(name, ""))
    if name := unsafe_name(line):
        sentence = (
            f"{{{name}}} stands behind a backtick, $( or <<, where no quoting is safe; write the command by hand."
        )
        raise InvalidInput(sentence, field=name)
    return fill_command(line, values)


def unsafe_name(line: str) -> str:
    """The first name of a command that no quoting makes safe, or nothing."""
    for found in READ_TWICE.finditer(line):
        behind = NAME.search(line, found.end())
        escaped = line[: found.start()].endswith("\\")
        if behind and not escaped and _open_quote(line[: found.start()], "") != "'":
            return behind[1]
    return ""


def _check_value(name: str, value: str) -> None:
    if not value:
        raise InvalidInput(f"Say what {name} is.", field=name)
    if len(value) > LONGEST_VALUE:
        raise InvalidInput(f"{name} has {len(value)} characters; it holds {LONGEST_VALUE}.", field=name)
    if any(unicodedata.category(character) in NOT_SEEN for character in value):
        raise InvalidInput(f"{name} holds a line break, or a character that is not seen.", field=name)


def _quoted(value: str, mark: str) -> str:
    # `A=1` where the program stands would set a variable.
    safe = f"'{value}'" if shlex.quote(value) == value and "=" in value else shlex.quote(value)
    return value if safe == value else f"{mark}{safe}{mark}"


def _open_quote(text: str, mark: str) -> str:
    """Which quotation mark is open after `text`, when `mark` was before it."""
    escaped = False
    for each in text:
        if escaped:
            escaped = False
        elif each == "\\" and mark != "'":
            escaped = True
        elif each == mark:
            mark = ""
        elif not mark and each in "'\"":
            mark = each
    return mark
