"""A text as one line of a bounded size."""


def cut_line(text: str, size: int) -> str:
    """`text` on one line, cut with an ellipsis to at most `size` characters."""
    line = " ".join(text.split())
    return line if len(line) <= size else line[: size - 1] + "…"
