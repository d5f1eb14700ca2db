"""Workflow as tables: which state may follow which, asked in one place."""

from collections.abc import Mapping, Set

from core.errors import WrongState


def may_follow(transitions: Mapping[str, Set[str]], now: str, then: str) -> bool:
    """Whether `then` may directly follow `now` in a table {state: {states that may follow}}."""
    return then in transitions.get(now, frozenset())


def check_may_follow(transitions: Mapping[str, Set[str]], now: str, then: str, sentence: str) -> None:
    """Raise WrongState with `sentence` unless `then` may directly follow `now`."""
    if not may_follow(transitions, now, then):
        raise WrongState(sentence)
