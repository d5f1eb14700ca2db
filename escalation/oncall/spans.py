"""Spans with people: microseconds since 1970 (core.wall), the end exclusive."""

from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise

from core.wall import Span

Person = Hashable
People = tuple[Person, ...]
Manned = tuple[int, int, People]
"""From, up to, and who."""


def disjoint(spans: Sequence[Manned]) -> list[Manned]:
    """`spans` in order, without overlap: where several were, everybody of them is there together."""
    spans = sorted(spans, key=lambda span: span[:2])
    if all(before[1] <= after[0] for before, after in pairwise(spans)):
        return spans
    edges = sorted({edge for span in spans for edge in span[:2]})
    whole = []
    for began, ended in pairwise(edges):
        users = together(span[2] for span in spans if span[0] <= began < span[1])
        if users:
            whole.append((began, ended, users))
    return whole


def seen(spans: Sequence[Manned], windows: Sequence[Span]) -> Iterator[Manned]:
    """`spans` inside `windows`, both in order and disjoint; a span may be cut into several."""
    first = 0
    for began, ended, users in spans:
        while first < len(windows) and windows[first][1] <= began:
            first += 1
        at = first
        while at < len(windows) and windows[at][0] < ended:
            yield max(began, windows[at][0]), min(ended, windows[at][1]), users
            at += 1


def together(groups: "Iterator[People]") -> People:
    """Everybody of `groups`, each once, in order."""
    return tuple(dict.fromkeys(user for users in groups for user in users))
