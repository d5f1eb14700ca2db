"""Spans with people: microseconds since 1970 (core.wall), the end exclusive."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import pairwise

from core.wall import Span

Person = Hashable
People = tuple[Person, ...]
Manned = tuple[int, int, People]
"""From, up to, and who."""


def disjoint(spans: Sequence[Manned], order: Iterable[Person]) -> list[Manned]:
    """`spans` in order, without overlap: where several were, everybody of them is there together, as in `order`."""
    spans = sorted(spans, key=lambda span: span[:2])
    if all(before[1] <= after[0] for before, after in pairwise(spans)):
        return spans
    everybody = tuple(dict.fromkeys(order))
    edges = sorted({edge for span in spans for edge in span[:2]})
    whole = []
    for began, ended in pairwise(edges):
        there = {user for span in spans if span[0] <= began < span[1] for user in span[2]}
        if there:
            whole.append((began, ended, tuple(user for user in everybody if user in there)))
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


def together(groups: Iterable[People]) -> People:
    """Everybody of `groups`, each once, in order."""
    return tuple(dict.fromkeys(user for users in groups for user in users))
