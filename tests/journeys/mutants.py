"""Presets with one thing less, and whether a journey notices: the scenes are the tests of its modules.

Everything that a preset says is taken away in turn: each value, each entry of a list, each part as a whole. A preset
that is then refused was caught by that; otherwise a scene of the journey must fail.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from inspect import signature
from itertools import product
from types import ModuleType
from typing import Any

import pytest
from django.db import transaction

from incidents.policy_file import PolicyDocument, PolicyFileInvalid, read_fields
from incidents.policy_file.problems import Path
from tests.incidents.policy.rules import HEAD, leaves, ours, source_of, value_at
from tests.journeys.sink import Sink
from tests.journeys.stage import Stage, set_stage

# What is read and nothing hangs on it: that it is there is held by the rules in the preset's own test.
READ = {
    "levels.criteria": "stands where a level is chosen",
    "levels.examples": "stands there too",
    "phases.output": "says what there is at the end",
    "links.hint": "says what to look for",
}
# What holds without being said.
HOLDS_ANYWAY = {"postmortem.meeting_length": "an hour"}
# What the file holds for a part that is not built: nothing can be seen of it yet.
NOT_BUILT = {
    "confidence_from": "alerts",
    "storm_from": "alerts",
    "blind_level": "alerts",
    "levels.ticket": "tickets",
    "postmortem.action_label": "tickets",
    "postmortem.actions_at_least": "postmortems by the template of a ladder",
    "postmortem.confidence_over": "postmortems by the template of a ladder",
    "postmortem.sections": "postmortems by the template of a ladder",
    "texts.subject": "the status page, and mail inside",
    "links.kind": "links in groups",
}
SAMPLED = 2  # so many of each preset, far apart, are tried with every run of the tests


# The modules that play one document.
Journey = Sequence[ModuleType]


@dataclass(frozen=True)
class Mutant:
    """A preset without what stood at `path`, in the line `line`; `names` are those of what it is part of."""

    path: Path
    line: int
    names: frozenset[str]
    document: PolicyDocument

    def __str__(self) -> str:
        return f"line {self.line}: {'.'.join(map(str, self.path))}"

    @property
    def fields(self) -> list[Path]:
        """What it is called, and what it is part of: (levels,), (levels, owed), (levels, owed, within)."""
        names = tuple(step for step in self.path if isinstance(step, str))
        return [names[:end] for end in range(1, len(names) + 1)]


@dataclass(frozen=True)
class Scene:
    """A test of a journey with its parameters; `play` is given the stage and the chat, as far as it `wants` them."""

    test: str
    name: str
    play: Callable[..., None]
    wants: frozenset[str]


def paths_of_lines(tree: Any, path: Path = ()) -> Iterator[Path]:
    """The path of everything that `tree` says: each value, each entry of a list, each list and part as a whole."""
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for name, value in entries:
        yield (*path, name)
        yield from paths_of_lines(value, (*path, name))


def is_played(leaf: Path, tree: Any) -> bool:
    """Whether a journey is to notice that `leaf` of `tree` is gone."""
    names = ".".join(step for step in leaf if isinstance(step, str))
    unseen = any(f"{names}.".startswith(f"{field}.") for field in (*READ, *HOLDS_ANYWAY, *NOT_BUILT))
    return leaf not in HEAD and not unseen


def mutants_of(preset: str) -> list[Mutant]:
    """What is left of `preset` without each thing that is not only read, not ours, and not what holds anyway."""
    return list(_mutants_at(preset, _paths_held(preset)))


def sample_of(preset: str) -> list[Mutant]:
    """Some of `mutants_of`, from all over the file: the first there is from each of some places on."""
    paths = _paths_held(preset)
    found = (next(_mutants_at(preset, paths[begin:])) for begin in range(0, len(paths), len(paths) // SAMPLED + 1))
    return list(found)


def _paths_held(preset: str) -> list[Path]:
    """The path of everything that a journey is to notice the loss of."""
    tree = source_of(preset).raw
    held = {leaf for leaf in leaves(tree) if is_played(leaf, tree)} - ours(preset)
    around = {leaf[:end] for leaf in held for end in range(1, len(leaf) + 1)}
    return [
        path for path in paths_of_lines(tree) if path in around or any(path[:end] in held for end in range(len(path)))
    ]


def _mutants_at(preset: str, paths: Sequence[Path]) -> Iterator[Mutant]:
    """`preset` without each of `paths`, where what is left says something else and is a policy."""
    source = source_of(preset)
    whole = read_fields(source.raw)
    for path in paths:
        shorter = deepcopy(source.raw)
        del value_at(shorter, path[:-1])[path[-1]]
        with suppress(PolicyFileInvalid):
            document = read_fields(shorter)
            if document != whole:
                yield Mutant(path, source.lines[path], _names_on(path, source.raw), document)


def untouched(preset: str) -> Mutant:
    """The whole preset: no scene may fail under it, or the others would prove nothing."""
    return Mutant((), 0, frozenset(), read_fields(source_of(preset).raw))


def _names_on(path: Path, tree: Any) -> frozenset[str]:
    """What the entries on the way to `path` are called, and a word that is taken out of a list: SEV2, rollback."""
    found = [value_at(tree, path[:end]) for end in range(1, len(path) + 1)]
    called = [one.get("slug", one.get("name")) if isinstance(one, dict) else one for one in found]
    return frozenset(name for name in called if isinstance(name, str))


def scenes_of(journey: Journey) -> list[Scene]:
    """Every test of `journey`, once for each set of its parameters."""
    tests = [value for module in journey for name, value in vars(module).items() if name.startswith("test_")]
    return [scene for test in tests for scene in _scenes_of(test)]


def _scenes_of(test: Callable[..., None]) -> Iterator[Scene]:
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    for chosen in product(*(mark.args[1] for mark in marks)):
        values: dict[str, Any] = {}
        for mark, value in zip(marks, chosen, strict=True):
            names = [mark.args[0]] if isinstance(mark.args[0], str) else mark.args[0]
            values |= zip(names, [value] if isinstance(mark.args[0], str) else value, strict=True)
        wants = frozenset(signature(test).parameters) - set(values)
        yield Scene(test.__name__, str([*values.values()]), partial(test, **values), wants)


def survivors(journey: Journey, mutants: list[Mutant], sink: Sink) -> list[str]:
    """The mutants that no scene of `journey` notices.

    What caught a field before is tried first when it is gone elsewhere, with the level or option where it is.
    """
    scenes, found = scenes_of(journey), []
    known: dict[str, set[Path]] = {scene.test: set() for scene in scenes}
    for mutant in mutants:
        fits = {test: sum(field in caught for field in mutant.fields) for test, caught in known.items()}
        likely = sorted(scenes, key=partial(_rank, mutant, fits))
        caught = _caught_by(likely, journey, mutant, sink)
        if caught is None:
            found.append(str(mutant))
        else:
            known[caught.test].update(mutant.fields)
    return found


def _rank(mutant: Mutant, fits: dict[str, int], scene: Scene) -> tuple[int, bool]:
    return -fits[scene.test], not any(repr(name) in scene.name for name in mutant.names)


def _caught_by(scenes: list[Scene], journey: Journey, mutant: Mutant, sink: Sink) -> Scene | None:
    """The first scene that fails under `mutant`; nothing of it stays."""
    with transaction.atomic():
        stage = set_stage(mutant.document, sink.url, now=journey[0].BEGINS)
        caught = next((scene for scene in scenes if _fails(scene, stage, sink)), None)
        transaction.set_rollback(True)
    return caught


def _fails(scene: Scene, stage: Stage, sink: Sink) -> bool:
    """Whether any assertion fails, or anything is refused."""
    sink.forget()
    given, failed = {"stage": stage, "sink": sink}, True
    with suppress(Exception, pytest.fail.Exception), transaction.atomic():
        scene.play(**{name: given[name] for name in scene.wants})
        transaction.set_rollback(True)
        failed = False
    return failed
