"""Every door is shut to strangers or says why not, and every door that writes wants a POST."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from core.public import public_door
from tests.house.addresses import doors
from tests.house.source import APPS, Function, functions, python

ASKS_FOR_POST = {"require_POST", "require_http_methods"}
# Doors made by a decorator of ours that asks for POST itself.
ROOM_DOORS = {"room_door"}
# They stand beside the actions and read only, or note in the books that somebody looked.
READS = {"split_moment", "note_feed_read", "words_for", "texts_to_copy", "unchanged_words", "not_public"}


def why_public(view: Any) -> str:
    """Why a view is open to everybody: `public_because`, else the sentence of its docstring that says because."""
    said = getattr(view, "public_because", "")
    return said or next((each for each in (view.__doc__ or "").split(". ") if "because" in each), "")


def open_without_reason(views: dict[str, Any]) -> list[str]:
    """Views that need no sign-in and do not say why."""
    return [
        name for name, view in views.items() if getattr(view, "login_required", True) is False and not why_public(view)
    ]


def called(function: ast.AST) -> set[str]:
    """Names that a function uses."""
    return {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}


def names_of_actions(tree: ast.Module) -> set[str]:
    """What a module imports from an `actions` module."""
    return {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and "actions" in (node.module or "").split(".")
        for alias in node.names
        if alias.name[0].islower() and alias.name not in READS
    }


def says_post(function: Function) -> bool:
    """Whether a view asks for POST in a decorator, or looks at the method before it writes."""
    decorators = set().union(*(called(each) for each in function.decorator_list))
    return bool(decorators & (ASKS_FOR_POST | ROOM_DOORS)) or bool(
        re.search(r"request\.method (?:==|!=) ['\"]POST['\"]", ast.unparse(function))
    )


def writes_without_post(named: Iterator[tuple[Path, str]], behind: set[tuple[str, str]]) -> list[str]:
    """Views that call an action, themselves or by a function beside them, and do not ask for POST.

    `behind` says which functions are behind an address, as (module, name).
    """
    found = []
    for name, text in named:
        tree = ast.parse(text)
        beside = {each.name: each for each in functions(tree)}
        writers = names_of_actions(tree)
        while more := {each for each, body in beside.items() if called(body) & writers} - writers:
            writers |= more
        for function in beside.values():
            is_view = (".".join(name.with_suffix("").parts), function.name) in behind
            if is_view and called(function) & writers - {function.name} and not says_post(function):
                found.append(f"{name}:{function.lineno} {function.name}")
    return found


def test_every_door_wants_a_sign_in_or_says_why_not():
    assert open_without_reason({door.name: door.view for door in doors()}) == []


def test_every_view_that_writes_asks_for_post():
    behind = {(door.view.__module__, getattr(door.view, "__name__", "")) for door in doors()}

    assert writes_without_post(python(*APPS), behind) == []


def test_every_address_has_a_name_of_its_own():
    names = [door.name for door in doors()]

    assert sorted(name for name in set(names) if names.count(name) > 1 or name.endswith("None")) == []


def test_no_address_shows_a_database_id():
    assert [door.name for door in doors() if {"pk", "id"} & set(door.parameters)] == []


# --- the scanners see what they look for -----------------------------------------------------------------------------
def made(doc: str, *decorators: Callable[[Any], Any]) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    view.__doc__ = doc
    for decorator in decorators:
        view = decorator(view)
    return view


def test_an_open_door_without_a_reason_is_seen():
    sample = {
        "shut": made("Words."),
        "open": made("Words.", login_not_required),
        "said": made("Words. Public, because a supervisor has no sign-in.", login_not_required),
        "kept": made("", public_door("A supervisor asks it.")),
    }

    assert open_without_reason(sample) == ["open"]


def test_a_view_that_writes_on_a_get_is_seen():
    text = """
from escalation.actions.page import acknowledge_page, PageGone
def one(request): acknowledge_page(1)
@require_POST
def two(request): acknowledge_page(1)
def three(request):
    if request.method == "POST": _act()
def four(request): _act()
def five(request): show(PageGone)
@room_door()
def six(request): _act()
def _act(): acknowledge_page(2)
"""
    behind = {("a", name) for name in ("one", "two", "three", "four", "five", "six")}

    assert writes_without_post(iter([(Path("a.py"), text)]), behind) == ["a.py:3 one", "a.py:8 four"]
