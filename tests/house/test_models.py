"""Models: what happens on deletion is written down, a row has a name, and no migration is missing."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import PROTECT, Model

from accounts.models import User
from tests.house.source import APPS, python
from tests.house.test_factories import MODELS

RELATIONS = {"ForeignKey", "OneToOneField"}


def relations_without_on_delete(named: Iterator[tuple[Path, str]]) -> list[str]:
    """Foreign keys that leave `on_delete` to its position."""
    return [
        f"{name}:{node.lineno}"
        for name, text in named
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in RELATIONS
        and "on_delete" not in {keyword.arg for keyword in node.keywords}
    ]


def names_itself(model: type) -> bool:
    """Whether the model has a `__str__` of its own, or of a parent that is not Django's Model."""
    return any("__str__" in vars(each) for each in model.__mro__ if each not in {Model, object})


def people_that_can_be_deleted_away() -> list[str]:
    """Links to a person that do not protect them: the record names people."""
    links = [
        (model, field) for model in MODELS for field in model._meta.concrete_fields if field.related_model is User
    ]
    return [f"{model.__name__}.{field.name}" for model, field in links if deletion(field) is not PROTECT]


def deletion(field: Any) -> Any:
    """What happens to the row when the other end is deleted."""
    return field.remote_field.on_delete


def test_every_link_says_what_happens_on_deletion():
    assert relations_without_on_delete(python(*APPS)) == []


def test_every_model_names_its_rows():
    assert [model.__name__ for model in MODELS if not names_itself(model)] == []


def test_people_are_protected():
    assert people_that_can_be_deleted_away() == []


def test_every_model_says_what_it_is():
    assert [model.__name__ for model in MODELS if (model.__doc__ or "").startswith(f"{model.__name__}(")] == []


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


# --- the scanners see what they look for -----------------------------------------------------------------------------
def test_a_link_without_on_delete_is_seen():
    text = "a = models.ForeignKey(User, models.CASCADE)\nb = OneToOneField(User, on_delete=models.PROTECT)\n"

    assert relations_without_on_delete(iter([(Path("a.py"), text)])) == ["a.py:1"]


def test_a_model_without_a_name_is_seen():
    nameless = type("Nameless", (), {})

    assert [names_itself(nameless), names_itself(User)] == [False, True]
