"""Rules of a document, each with the places of the file that hold it and what the rows say there.

A place is written like `levels[SEV1,SEV2].owed[postmortem].within`: in brackets stand entries of a list by what they
are called, or by words that occur in it once; `*` is each of them. What it should say is the value itself, words that
must occur in it (`Says`), or only that it is there (`THERE`).
"""

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from incidents.models import LadderVersion
from incidents.policy_file import PolicyFileInvalid, document_of, read_fields
from incidents.policy_file.document import Part
from incidents.policy_file.problems import NAMED_BY, Path
from incidents.policy_file.source import Source, read_source
from tests.factories.policy import preset_text
from tests.house.source import ROOT

# What the ladder is called is no rule of a document.
HEAD = {("ladder",), ("name",), ("description",)}
DOCS = ROOT / "docs" / "policies.md"
STEP = re.compile(r"(\w+)(?:\[([^\]]+)\])?(?:\.|$)")


class Says:
    """Words that must occur in a text, or in each text of a list."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __eq__(self, said: object) -> bool:
        texts = " ".join(map(str, said)) if isinstance(said, list) else str(said)
        return all(word in texts for word in self.words)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Says{self.words}"


class There:
    """Whatever it says, it is there."""

    def __eq__(self, said: object) -> bool:
        return said is not None

    __hash__ = None  # type: ignore[assignment]


THERE = There()


class Names(There):
    """The entries of a list are called so, in this order, and there is no other."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)

    def __eq__(self, said: object) -> bool:
        return isinstance(said, list) and [called(entry) for entry in said] == self.names

    __hash__ = None


@dataclass(frozen=True)
class Rule:
    """One rule of a document, by its name in docs/policies.md: {place: what the rows say there}.

    `built_in` says what holds it where no line of the file does, or beside them; `at` the levels where no place does.
    """

    name: str
    places: dict[str, Any] = field(default_factory=dict)
    built_in: str = ""
    at: str = "all"

    @property
    def levels(self) -> str:
        """The levels that its places name."""
        named = dict.fromkeys(level for place in self.places for level in re.findall(r"^levels\[([^\]]+)\]", place))
        return ", ".join(named) if named and "*" not in named else self.at

    @property
    def row(self) -> str:
        """Its row in the table of docs/policies.md."""
        held = [f"`{place}`" for place in self.places] + ([f"built in: {self.built_in}"] if self.built_in else [])
        return f"| {self.name} | {self.levels} | {', '.join(held)} |"

    def broken_in(self, tree: Any) -> list[str]:
        """The places at which `tree` does not say so."""
        found = []
        for place, expected in self.places.items():
            try:
                said = [value_at(tree, path) for path in paths_of(place, tree)]
            except LookupError:
                said = [None]
            if not all(expected == value for value in said):
                found.append(f"{self.name}: {place} says {said}")
        return found


def called(entry: dict[str, Any]) -> str:
    """How an entry of a list is called; a text by whom and when it is for."""
    if "audience" in entry:
        levels = entry.get("levels", [])
        return f"{entry['audience']}/{entry['occasion']}" + (f"@{levels[0]}" if levels else "")
    return str(next(entry[field] for field in NAMED_BY if field in entry))


def paths_of(place: str, tree: Any) -> list[Path]:
    """The paths in `tree` that `place` names. Raises LookupError when one of them is not there, or two would be."""
    paths: list[Path] = [()]
    for name, inside in STEP.findall(place):
        following: list[Path] = []
        for path in paths:
            here = (*path, name)
            value = value_at(tree, here)
            if not inside:
                following.append(here)
            elif inside == "*":
                following += [(*here, position) for position in range(len(value))]
            else:
                following += [(*here, position_of(wanted, value)) for wanted in inside.split(",")]
        paths = following
    return paths


def position_of(wanted: str, entries: Sequence[Any]) -> int:
    """Where the entry stands that is called `wanted`, or whose name alone has these words in it."""
    names = [called(entry) for entry in entries]
    exact = [position for position, name in enumerate(names) if name == wanted]
    found = exact or [position for position, name in enumerate(names) if wanted.lower() in name.lower()]
    if len(found) != 1:
        raise LookupError(f"{len(found)} entries are called “{wanted}”: {names}")
    return found[0]


def value_at(tree: Any, path: Path) -> Any:
    """What `tree` says at `path`. Raises LookupError."""
    for step in path:
        tree = tree[step]
    return tree


def tree_of(value: Any) -> Any:
    """A document as the names and values of its file, with what holds without being said."""
    if isinstance(value, Part):
        return {
            declared.alias or name: tree_of(getattr(value, name))
            for name, declared in type(value).model_fields.items()
        }
    if isinstance(value, tuple):
        return [tree_of(entry) for entry in value]
    return value


@cache
def source_of(preset: str) -> Source:
    """The file of a preset: names and values as they were written, with their lines."""
    return read_source(preset_text(preset))


def leaves(tree: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every value of `tree`; a list of values is one of them, and so is each of its values."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from leaves(value, (*path, name))
    elif isinstance(tree, list) and any(isinstance(entry, dict) for entry in tree):
        for position, entry in enumerate(tree):
            yield from leaves(entry, (*path, position))
    else:
        yield path


def identity(entry: dict[str, Any]) -> set[str]:
    """The fields by which an entry of a list is called."""
    if "audience" in entry:
        return {"audience", "occasion"}
    return {"slug", "name", "title"} & set(entry) or {next(field for field in NAMED_BY if field in entry)}


def covered(rules: Sequence[Rule], tree: Any) -> set[Path]:
    """The leaves that rules hold: what their places name, and what the entries on the way are called."""
    found: set[Path] = set()
    for one in rules:
        for place, expected in one.places.items():
            for path in paths_of(place, tree):
                for end in (end for end, step in enumerate(path, 1) if isinstance(step, int)):
                    found |= {(*path[:end], name) for name in identity(value_at(tree, path[:end]))}
                if not isinstance(expected, There):
                    found |= set(leaves(value_at(tree, path), path))
    return found


def unheld(rules: Sequence[Rule], preset: str) -> list[str]:
    """Lines that no rule holds and that are not marked as ours; and those marked so that a rule holds."""
    source, own = source_of(preset), ours(preset)
    held = covered(rules, source.raw)
    wrong = [path for path in leaves(source.raw) if (path in held) == (path in own) and path not in HEAD]
    return [f"line {source.lines[path]}: {'.'.join(map(str, path))}" for path in wrong]


def table_in_docs(preset: str) -> list[str]:
    """The rows of the table in docs/policies.md that is about `preset`."""
    text = DOCS.read_text(encoding="utf-8").partition(f"\n## `{preset}`")[2].partition("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("| ")][1:]


def ours(preset: str) -> set[Path]:
    """The leaves that the file marks as ours, by a comment beside them or above."""
    text, source = preset_text(preset).splitlines(), source_of(preset)
    marked = marked_lines(text)
    return {path for path in leaves(source.raw) if source.lines[path] in marked}


def marked_lines(lines: Sequence[str]) -> set[int]:
    """Numbers of the lines that “Ours” is said of.

    Beside a line: of it and of what is set in below it. On a line of its own: of what follows, down to an empty line,
    another comment, or what is set in less.
    """
    found: set[int] = set()
    beside, above = -1, -1  # how far what is marked is set in
    continues = False
    for number, line in enumerate(lines, 1):
        depth = len(line) - len(line.lstrip())
        said = line.strip()
        if said.startswith("#"):
            continues = continues or said.startswith("# Ours")
            above = -1
            continue
        if not said:
            beside, above, continues = -1, -1, False
            continue
        if continues:
            above, continues = depth, False
        above = above if depth >= above else -1
        beside = beside if depth > beside else -1
        if "  # Ours" in line and beside < 0:
            beside = depth
        if above >= 0 or beside >= 0:
            found.add(number)
    return found


def broken_rules(rules: Sequence[Rule], version: LadderVersion) -> list[str]:
    """What the rows of `version` do not say, and a rule wants."""
    tree = tree_of(document_of(version))
    return [sentence for one in rules for sentence in one.broken_in(tree)]


def survivors(rules: Sequence[Rule], preset: str) -> list[str]:
    """Lines that could be deleted from a preset without a rule, or the file itself, being broken.

    A line that says what would hold without it may go.
    """
    tree = source_of(preset).raw
    whole = read_fields(tree)
    found = []
    for path in sorted(covered(rules, tree), key=str):
        shorter = deepcopy(tree)
        del value_at(shorter, path[:-1])[path[-1]]
        try:
            left = read_fields(shorter)
        except PolicyFileInvalid:
            continue
        said = tree_of(left)
        if left != whole and not any(one.broken_in(said) for one in rules):
            found.append(".".join(map(str, path)))
    return found
