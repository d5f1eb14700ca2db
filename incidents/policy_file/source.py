"""YAML text as plain lists and names, every scalar as text, with the line of everything.

The tree is composed by hand so that a complaint can name its line, and so that YAML's own guesses (17:00 is 1020,
no is false) never touch a policy. Names given twice, references and bottomless nesting are refused.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml

from incidents.policy_file.problems import Path, Problem

LONGEST_FILE = 200_000
DEEPEST = 12
# What the reader of YAML complains of, and what an admin can do about it.
BROKEN = {
    "found character '\\t'": "a tab stands here; write spaces instead",
    "mapping values are not allowed": "a “:” stands where none can; put the text in quotes, or begin a new line",
    "expected <block end>": "this line is not indented like its neighbours, or lacks its “-”",
    "could not find expected ':'": "a name needs a “:” and a space behind it, here or in the line above",
    "found unexpected end of stream": "a quotation mark or a bracket was opened and is not closed",
    "found unknown escape character": "inside \"…\" a “\\” means something else; use '…' instead",
}
ABSENT = {"", "~", "null", "Null", "NULL"}


@dataclass
class Source:
    """What a file says. `lines` maps a path to its line; `problems` are those that YAML itself has."""

    raw: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_source(text: str) -> Source:
    """`text` as a Source; whatever YAML cannot read is one problem with its line."""
    source = Source()
    if len(text) > LONGEST_FILE:
        source.problems.append(Problem(f"The file is longer than {LONGEST_FILE:,} characters: this is no policy."))
        return source
    try:
        _check_events(text, source)
        node = None if source.problems else yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        source.problems.append(Problem(_broken(str(error.problem)), line=mark.line + 1 if mark else None))
        return source
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1 if isinstance(error.position, int) else None
        source.problems.append(Problem("This line holds a character that is no text.", line=line))
        return source
    if node is not None:
        source.raw = _plain(node, (), source)
    return source


def _broken(complaint: str) -> str:
    """The sentence for what YAML cannot read; the reader's own words where we have none."""
    return f"This is not YAML: {next((says for begins, says in BROKEN.items() if begins in complaint), complaint)}."


def _check_events(text: str, source: Source) -> None:
    """Notes references and bottomless nesting before any tree is built."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent):
            source.problems.append(Problem("“*” refers to another place; write the value here again.", line=line))
        if documents > 1:
            source.problems.append(Problem("A second document begins here; one file holds one ladder.", line=line))
        if depth > DEEPEST or documents > 1:
            if depth > DEEPEST:
                source.problems.append(Problem("This is nested too deeply for a policy.", line=line))
            return


def _plain(node: yaml.Node, path: Path, source: Source) -> Any:
    source.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, source)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, position), source) for position, item in enumerate(node.value)]
    return node.value


def _mapping(node: yaml.MappingNode, path: Path, source: Source) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            source.problems.append(Problem("A name must be one word, not a list or a block.", line=line))
            continue
        here = (*path, key.value)
        if here in source.lines:
            sentence = f"is given a second time; the first is in line {source.lines[here]}."
            source.problems.append(Problem(sentence, field=".".join(map(str, here)), line=line, path=here))
            continue
        source.lines[here] = line
        plain = _plain(value, here, source)
        if not (isinstance(value, yaml.ScalarNode) and value.style is None and plain in ABSENT):
            raw[key.value] = plain
    return raw
