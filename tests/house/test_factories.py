"""Every model has a factory that makes a valid row, and says what a row is called."""

import importlib
import inspect
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from factory.django import DjangoModelFactory

OURS = ("accounts", "comms", "escalation", "incidents", "postmortems")
MODULES = (*OURS, "checklist", "ladder", "people", "scenario", "words", "working")
MODELS = [model for app in OURS for model in apps.get_app_config(app).get_models()]


def factories() -> dict[type[Model], Any]:
    """The factory of each model: the class in tests/factories that is called after it."""
    found: dict[type[Model], Any] = {}
    each: Any
    for module in MODULES:
        for name, each in inspect.getmembers(importlib.import_module(f"tests.factories.{module}"), inspect.isclass):
            if issubclass(each, DjangoModelFactory) and not each._meta.abstract:
                model = each._meta.get_model_class()
                if name == f"{model.__name__}Factory":
                    found[model] = each
    return found


def test_every_model_has_a_factory():
    assert {model.__name__ for model in MODELS} == {model.__name__ for model in factories()}


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_factory_makes_rows_that_are_valid_and_have_a_name(model):
    first, second = factories()[model].create_batch(2)

    # An empty list or mapping is what the code writes there; only a form would call it blank.
    first.full_clean(
        exclude=[field.name for field in model._meta.fields if field.value_from_object(first) in ([], {})]
    )
    assert first.pk != second.pk
    assert str(first) not in {"", f"{model.__name__} object ({first.pk})"}
    assert model.objects.get(pk=first.pk) == first
