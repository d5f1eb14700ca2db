"""What differs between two parts, or two lists of them, said by the titles of their fields."""

from collections.abc import Iterator, Sequence
from typing import Any

from incidents.policy_file.changes.words import field, names, quote, yes
from incidents.policy_file.document import Part

LONG = 80


def changes_of_list(before: Sequence[Part], after: Sequence[Part]) -> Iterator[str]:
    """Sentences: what is gone, what is new, and what each of the others says otherwise."""
    old, new = ({part.key: part for part in parts} for parts in (before, after))
    for key, part in old.items():
        if key not in new:
            yield f"{_called(part)} is gone."
    for key, part in new.items():
        if key in old:
            yield from changes_of_part(_called(part), old[key], part)
        else:
            yield f"{_called(part)} is new."
    if list(old) != list(new) and sorted(old) == sorted(new):
        yield f"{_upper(after[0].CALLED)}s stand in another order."


def changes_of_part(called: str, before: Part, after: Part) -> Iterator[str]:
    """Sentences about one part, each beginning with `called`; a long text is only said to be worded anew."""
    lists = after.lists()
    for name, declared in type(after).model_fields.items():
        was, now = getattr(before, name), getattr(after, name)
        if name in lists:
            yield from (f"{called}: {sentence[:1].lower()}{sentence[1:]}" for sentence in changes_of_list(was, now))
        elif was != now and any(len(str(value)) > LONG for value in (was, now)):
            yield f"{called}: “{declared.title}” is worded anew."
        else:
            yield from field(f"{called}: “{declared.title}” is", was, now, _show)


def _called(part: Part) -> str:
    return f"{_upper(part.CALLED)} “{part.shown}”"


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return yes(value)
    if isinstance(value, tuple):
        return names(value)
    return str(value) if isinstance(value, int) else quote(value)
