"""Nothing grows beyond what one reader holds: files, functions, views, tasks, templates, partials."""

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import PRODUCT, Function, functions, length, python, templates

FILE, FILE_WARNS, FUNCTION, VIEW, TASK, TEMPLATE, PARTIAL = 500, 300, 40, 25, 10, 140, 40
PARTIALDEF = re.compile(r"{%\s*partialdef\s+([\w-]+).*?%}(.*?){%\s*endpartialdef", re.DOTALL)


class HouseWarning(UserWarning):
    """Something is growing."""


def long_files(named: Iterator[tuple[Path, str]], limit: int) -> list[str]:
    """Files of more than `limit` lines."""
    sizes = {name: len(text.splitlines()) for name, text in named}
    return [f"{name}: {size} lines" for name, size in sizes.items() if size > limit]


def limit_of(name: Path, function: Function) -> int:
    """What a function may take: less when it is a view or a task."""
    answers = "Response" in ast.unparse(function.returns) if function.returns else False
    if "views" in name.parts and answers:
        return VIEW
    if name.name == "tasks.py" and function.decorator_list:
        return TASK
    return FUNCTION


def long_functions(named: Iterator[tuple[Path, str]]) -> list[str]:
    """Functions longer than they may be."""
    return [
        f"{name}:{function.lineno} {function.name}: {length(function)} lines, {limit_of(name, function)} allowed"
        for name, text in named
        for function in functions(ast.parse(text))
        if length(function) > limit_of(name, function)
    ]


def long_partials(named: Iterator[tuple[Path, str]]) -> list[str]:
    """Partials longer than they may be."""
    return [
        f"{name}#{part}: {len(body.strip().splitlines())} lines"
        for name, text in named
        for part, body in PARTIALDEF.findall(text)
        if len(body.strip().splitlines()) > PARTIAL
    ]


def test_no_file_has_more_than_500_lines():
    assert long_files(python(*PRODUCT, "tests"), FILE) == []


def test_files_of_more_than_300_lines_are_named():
    growing = long_files(python(*PRODUCT), FILE_WARNS)
    if growing:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("These files ask to be split: " + ", ".join(growing), HouseWarning, stacklevel=1)


def test_no_function_view_or_task_is_too_long():
    assert long_functions(python(*PRODUCT)) == []


def test_no_template_is_too_long():
    assert long_files(templates(), TEMPLATE) == []


def test_no_partial_is_too_long():
    assert long_partials(templates()) == []


# --- the scanners see what they look for -----------------------------------------------------------------------------
def made(lines: int, head: str = "def f(request) -> HttpResponse:") -> str:
    """A function of `lines` lines, with a docstring that does not count."""
    return "\n".join(["@shared_task", head, '    """Words."""', *["    pass"] * (lines - 1)])


def test_a_file_is_measured():
    assert long_files(iter([(Path("a.py"), "x\n" * 501), (Path("b.py"), "x\n" * 500)]), FILE) == ["a.py: 501 lines"]


def test_a_function_is_measured_by_what_it_is():
    bad = [
        (Path("incidents/owed/row.py"), made(41)),
        (Path("incidents/views/page.py"), made(26)),
        (Path("incidents/tasks.py"), made(11, "async def f():")),
        (Path("incidents/owed/row.py"), made(40)),
        (Path("incidents/views/page.py"), made(25)),
        (Path("incidents/tasks.py"), made(10)),
    ]

    assert long_functions(iter(bad)) == [
        "incidents/owed/row.py:2 f: 41 lines, 40 allowed",
        "incidents/views/page.py:2 f: 26 lines, 25 allowed",
        "incidents/tasks.py:2 f: 11 lines, 10 allowed",
    ]


def test_a_partial_is_measured():
    text = (
        "{% partialdef page-status inline %}\n"
        + "<p>\n" * 41
        + "{% endpartialdef %}{% partialdef b %}x{% endpartialdef %}"
    )

    assert long_partials(iter([(Path("a.html"), text)])) == ["a.html#page-status: 41 lines"]
