"""From text, or from the fields of a form, to a checked document."""

from typing import Any

from pydantic import ValidationError

from incidents.policy_file.checks import find_contradictions
from incidents.policy_file.document import PolicyDocument
from incidents.policy_file.problems import Path, PolicyFileInvalid, Problem, field_in_words, sentences_of
from incidents.policy_file.source import Source, read_source


def read_document(text: str | bytes, *, source: str = "") -> PolicyDocument:
    """`text` as a document. `source` names the file in the sentences.

    Raises PolicyFileInvalid with every problem that was found, each with its line, its field and the reason.
    """
    tree = read_source((_decoded(text, source) if isinstance(text, bytes) else text).removeprefix("\ufeff"))
    if tree.problems:
        raise PolicyFileInvalid(tree.problems, source=source)
    if not isinstance(tree.raw, dict):
        sentence = "A policy file begins with names and values, like “ladder: pager”."
        raise PolicyFileInvalid([Problem(sentence, line=1)], source=source)
    return _check(tree.raw, tree, source)


def _decoded(content: bytes, source: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PolicyFileInvalid([Problem("The file is not UTF-8.", line=line)], source=source) from error


def read_fields(raw: dict[str, Any]) -> PolicyDocument:
    """The same from the fields of a form. Raises PolicyFileInvalid whose problems carry paths and no lines."""
    return _check(raw, None, "")


def _check(raw: dict[str, Any], tree: Source | None, source: str) -> PolicyDocument:
    try:
        document = PolicyDocument.model_validate(raw).worst_first()
    except ValidationError as error:
        raise PolicyFileInvalid(
            [_problem(path, sentence, raw, tree) for path, sentence in sentences_of(error)], source=source
        ) from error
    # The levels of `document` may stand in another order than those of the file: contradictions go by the file's.
    as_written = PolicyDocument.model_validate(raw)
    found = [_problem(path, sentence, raw, tree) for path, sentence in find_contradictions(as_written)]
    if found:
        raise PolicyFileInvalid(found, source=source)
    return document


def _problem(path: Path, sentence: str, raw: Any, tree: Source | None) -> Problem:
    line = tree.line_of(path) if tree else None
    return Problem(sentence, field=field_in_words(path, raw), line=line, path=path)
