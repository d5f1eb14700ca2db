"""Small lists that come along with another row: gathered as JSON in its query, made rows again here."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, QuerySet
from django.db.models.functions import JSONObject

Row = TypeVar("Row", bound=Model)


def gathered(rows: QuerySet[Any], *names: str, **more: Any) -> ArraySubquery:
    """The columns `names` of `rows`, and what `more` names, as one list in the query of their owner."""
    return ArraySubquery(rows.values(found=JSONObject(**{name: name for name in names}, **more)))


def person_of(field: str) -> JSONObject:
    """The person behind a foreign key, as far as they are shown."""
    return JSONObject(id=f"{field}__pk", handle=f"{field}__handle", name=f"{field}__name")


def row_of(model: type[Row], found: Mapping[str, Any], **more: Any) -> Row:
    """A row of `model` from what was gathered: moments are moments again, a person is one. Not for saving."""
    return model(**{name: _value(model, name, value) for name, value in found.items()}, **more)


def _value(model: type[Model], name: str, value: Any) -> Any:
    field: Any = model._meta.get_field(name)
    if not field.is_relation:
        return field.to_python(value)
    return field.related_model(**value) if value and value["id"] is not None else None
