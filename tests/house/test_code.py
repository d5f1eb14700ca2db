"""Habits of the code: imports at the top, exceptions by name, words that say what a thing is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import PRODUCT, Function, files, python

# Where a row's failure must not stop the others, or nothing may reach the caller: the sweeps' row loops.
SWEEPS: dict[str, str] = {
    "core/live/watcher.py": "one announcement must not leave its watchers deaf",
    "comms/actions/delivery/sweep.py": "one message must not stop the others",
    "escalation/actions/calendar_source.py": "one calendar must not stop the others",
    "escalation/actions/page/sweep.py": "one page must not stop the others",
    "escalation/actions/incoming_sweep.py": "one answer must not stop the others",
    "escalation/actions/health.py": "one schedule must not stop the others",
    "escalation/actions/shift_notice.py": "one schedule must not stop the others",
    "escalation/actions/swap.py": "one swap must not stop the others",
    "incidents/actions/command.py": "one commander must not stop the others",
    "incidents/actions/digest.py": "one person must not stop the others",
    "incidents/actions/escalation.py": "one row of the matrix must not stop the others",
    "incidents/actions/promise_sweep.py": "one promise must not stop the others",
    "incidents/actions/severity.py": "one change must not stop the others",
    "comms/actions/failed_receiver.py": "the row loop of the sweep that tries receivers again",
    "core/signals.py": "a receiver's failure never undoes what was declared",
}
BANNED = {
    *("manager", "managers", "helper", "helpers", "util", "utils", "handler", "handlers", "process", "processes"),
    *("data", "info", "misc", "common"),
}
BANNED_BEGINNINGS = {"do", "perform"}
# Modules of what other houses call a service layer; ours are the verbs in actions/.
LAYERS = {"services", "service_layer"}
# Words of others, which we may not choose, and words of the documents.
ALLOWED: dict[str, str] = {
    "UserManager": "Django's word for what makes users",
    "get_context_data": "Django's hook",
    "DataIntegrity": "a word of document 000",
    "data_integrity": "a word of document 000",
    "DATA_DIR": "the folder .data",
    "data": "the argument of a hook of the libraries (InlineProcessor, LoginAdapter)",
    "DATA_UPLOAD_MAX_MEMORY_SIZE": "Django's setting",
    "CommonPasswordValidator": "Django's class",
}


def inline_imports(named: Iterator[tuple[Path, str]]) -> list[str]:
    """Imports inside a function, but for AppConfig.ready."""
    found = []
    for name, text in named:
        for node in ast.walk(ast.parse(text)):
            is_ready = isinstance(node, Function) and node.name == "ready" and name.name == "apps.py"
            if isinstance(node, Function) and not is_ready:
                inner = [each for each in ast.walk(node) if isinstance(each, ast.Import | ast.ImportFrom)]
                found += [f"{name}:{each.lineno}" for each in inner]
    return sorted(set(found))


def broad_excepts(named: Iterator[tuple[Path, str]]) -> list[str]:
    """`except:`, `except Exception` and `except BaseException`."""
    found = []
    for name, text in named:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ExceptHandler):
                kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
                if any(kind is None or ast.unparse(kind) in {"Exception", "BaseException"} for kind in kinds):
                    found.append(f"{name}:{node.lineno}")
    return found


def bound_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """What a module names itself: classes, functions, parameters, and everything that it assigns to."""
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


def words_of(name: str) -> list[str]:
    """`MessageManager`, `message_manager` and `MESSAGE_MANAGER` as their words."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def is_banned(name: str) -> bool:
    """Whether a name has a word that says nothing."""
    words = words_of(name)
    return name not in ALLOWED and (bool(BANNED & set(words)) or (len(words) > 1 and words[0] in BANNED_BEGINNINGS))


def banned_names(named: Iterator[tuple[Path, str]]) -> list[str]:
    """Names that have such a word, and modules that are called so."""
    found = []
    for name, text in named:
        parts = name.with_suffix("").parts
        found += [f"{name}: the module" for part in parts if is_banned(part) or part in LAYERS]
        found += [f"{name}:{line} {each}" for line, each in bound_names(ast.parse(text)) if is_banned(each)]
    return found


def test_imports_stand_at_the_top():
    assert inline_imports(python(*PRODUCT)) == []


def test_exceptions_are_caught_by_their_names_outside_the_sweeps():
    found = broad_excepts(python(*PRODUCT))

    assert [each for each in found if each.partition(":")[0] not in SWEEPS] == []
    assert set(SWEEPS) == {each.partition(":")[0] for each in found}


def test_names_say_what_a_thing_is():
    assert banned_names(python(*(each for each in PRODUCT if each != "config"))) == []


def test_folders_and_scripts_say_what_they_hold():
    others = [name for name in files() if name.suffix in {".html", ".js", ".css", ".md"} and name.parts[0] != "tests"]

    assert [str(name) for name in others for part in name.with_suffix("").parts if is_banned(part)] == []


# --- the scanners see what they look for -----------------------------------------------------------------------------
def sample(text: str, name: str = "incidents/sample.py") -> Iterator[tuple[Path, str]]:
    return iter([(Path(name), text)])


def test_an_inline_import_is_seen_and_that_of_ready_is_not():
    text = "import a\nclass C:\n    def ready(self):\n        import b\n"

    assert inline_imports(sample(text)) == ["incidents/sample.py:4"]
    assert inline_imports(sample(text, "incidents/apps.py")) == []


def test_a_broad_except_is_seen_in_each_of_its_forms():
    tries = ["except:", "except Exception:", "except (OSError, BaseException) as e:", "except OSError:"]
    text = "\n".join(f"try:\n    x\n{each}\n    pass" for each in tries)

    assert broad_excepts(sample(text)) == [f"incidents/sample.py:{line}" for line in (3, 7, 11)]


def test_a_banned_word_is_seen_wherever_it_is_a_word():
    bad = (
        "class PageManager: pass\ndef do_page(info): user_data = 1\nDATABASE = domain = do = dataset = processor = 1\n"
    )

    assert [each.rpartition(" ")[2] for each in banned_names(sample(bad))] == [
        "PageManager",
        "do_page",
        "info",
        "user_data",
    ]
    assert banned_names(sample("", "incidents/utils.py")) == ["incidents/utils.py: the module"]
    assert banned_names(sample("", "incidents/services.py")) == ["incidents/services.py: the module"]
