"""A text as one line of a bounded size, and several names as one."""

from collections.abc import Sequence


def cut_line(text: str, size: int) -> str:
    """`text` on one line, cut with an ellipsis to at most `size` characters."""
    line = " ".join(text.split())
    return line if len(line) <= size else line[: size - 1] + "…"


def list_names(names: Sequence[str]) -> str:
    """`Ana`, `Ana and Ben`, `Ana, Ben and Eva`; empty for none."""
    *others, last = names or [""]
    return f"{', '.join(others)} and {last}" if others else last
