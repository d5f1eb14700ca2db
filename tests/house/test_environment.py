"""Every variable that Muster reads is in env.example, and nothing else is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import PRODUCT, python, read

READERS = {
    "env.text",
    "env.flag",
    "env.whole_number",
    "environment.text",
    "environment.flag",
    "environment.whole_number",
}
MAPPINGS = {"os.environ", "environ", "environment"}
# Set by Muster's own doors, never by whoever runs it.
OWN = {"DJANGO_SETTINGS_MODULE"}
LISTED = re.compile(r"^#? ?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


def read_variables(named: Iterator[tuple[Path, str]]) -> set[str]:
    """Names given to the readers of config.environment, or asked of the environment itself."""
    found: set[str] = set()
    for _, text in named:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called, _, method = ast.unparse(node.func).rpartition(".")
                reads = f"{called}.{method}" in READERS or (
                    called in MAPPINGS and method in {"get", "setdefault", "pop"}
                )
                found |= {str(node.args[0].value)} if reads else set()
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                found |= {str(node.slice.value)} if ast.unparse(node.value) in MAPPINGS else set()
    return found - OWN


def listed_variables(text: str) -> list[str]:
    """Names that env.example gives, each as often as it does."""
    return LISTED.findall(text)


def test_every_variable_that_is_read_is_listed_once_and_nothing_else_is():
    assert sorted(listed_variables(read(Path("env.example")))) == sorted(read_variables(python(*PRODUCT)))


def test_a_variable_is_seen_however_it_is_read():
    text = """
DEBUG = env.flag("A")
URL = env.text("B", "x")
SIZE = env.whole_number("C", 8)
D = os.environ["D"]; E = os.environ.get("E"); F = environment.get("F") or ""
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
other.get("NO"); env.database(url); names["NO"]
"""
    assert read_variables(iter([(Path("a.py"), text)])) == {"A", "B", "C", "D", "E", "F"}


def test_a_listed_variable_is_seen_with_or_without_a_value():
    assert listed_variables("# words, not A=\nB=\n#C=1\n# D=2\nE=1\n") == ["B", "C", "D", "E"]
