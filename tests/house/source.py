"""The files of the house as the checks read them."""

import ast
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("accounts", "comms", "escalation", "incidents", "postmortems")
PRODUCT = (*APPS, "config", "core", "benchmarks")
SKIPPED = {".git", ".venv", ".data", "staticfiles", "__pycache__", "node_modules"}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the house, relative to its root: what git tracks or would, else all but what is made."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0:
        names = [Path(name) for name in listed.stdout.split("\0") if name]
    else:
        names = [
            (Path(folder) / name).relative_to(ROOT)
            for folder, folders, found in os.walk(ROOT)
            if not SKIPPED & set(Path(folder).relative_to(ROOT).parts)
            for name in found
        ]
    return tuple(sorted(name for name in set(names) if (ROOT / name).is_file()))


def read(name: Path) -> str:
    """The text of a file; nothing for a picture."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def python(*folders: str, migrations: bool = False) -> Iterator[tuple[Path, str]]:
    """The Python files under `folders` with their text; migrations are written by Django and stand aside."""
    for name in files():
        if name.suffix == ".py" and name.parts[0] in folders and (migrations or "migrations" not in name.parts):
            yield name, read(name)


def templates() -> Iterator[tuple[Path, str]]:
    """The HTML templates with their text."""
    for name in files():
        if name.suffix == ".html" and name.parts[0] != "tests":
            yield name, read(name)


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function of a module, methods and inner ones included."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """Lines of code of a function, from `def` to its end, without its docstring: words are not what makes it long."""
    first = function.body[0]
    words = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    spoken = (first.end_lineno or first.lineno) - first.lineno + 1 if words else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - spoken
