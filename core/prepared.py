"""Statements that are built, compiled and planned once, and then run again and again with other values.

Django builds and compiles a query anew whenever it is asked. For the one that brings a whole room this takes several
times as long as PostgreSQL takes to answer it, and most of the answer's time is planning. See docs/adr/0015.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from json import JSONEncoder
from types import SimpleNamespace
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import BigIntegerField, BooleanField, Expression, F, Field, Func, Model, QuerySet
from django.db.models.query import ModelIterable

Row = TypeVar("Row", bound=Model)
PLACES = re.compile("%[s%]")


class Given(Expression):
    """A value that is known only when the query is asked; `as_a` is the field whose type it has."""

    def __init__(self, name: str, as_a: "Field[Any, Any]") -> None:
        super().__init__(output_field=as_a)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Its place, with its type: the database knows it before it knows the value."""
        return f"%s::{self.output_field.db_type(connection)}", [_Place(self.name)]


def among(column: str, name: str, as_a: "Field[Any, Any]") -> Func:
    """For `filter`: `column` is one of the values, a list, that are given as `name`."""
    values = Given(name, ArrayField(as_a))
    return Func(F(column), values, template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField())


def given_key(name: str) -> Given:
    """A primary key that is given as `name`."""
    return Given(name, BigIntegerField())


def among_keys(column: str, name: str) -> Func:
    """For `filter`: `column` is one of the primary keys that are given as `name`."""
    return among(column, name, BigIntegerField())


class _Place:
    """Stands among a query's parameters for what is given later."""

    def __init__(self, name: str) -> None:
        self.name = name


class Prepared(Generic[Row]):
    """The rows that `build()` would find, each time with other values in its `Given` places.

    `build` runs once in a process: what it leaves out or in must not depend on the moment. Asked with `rows(...)`.
    """

    def __init__(self, build: Callable[[], QuerySet[Row]]) -> None:
        self._build = build

    def rows(self, **given: Any) -> list[Row]:
        """One query. Raises KeyError when a place has no value."""
        queryset, compiler, sql, places = self._compiled
        asked = copy(compiler)
        asked.connection = connections[queryset.db]
        asked.execute_sql = lambda **_: _answer(asked.connection, sql, [given[name] for name in places])
        asked.get_converters = lambda _: self._converters
        source = SimpleNamespace(
            db=queryset.db,
            model=queryset.model,
            query=SimpleNamespace(get_compiler=lambda using: asked),
            _known_related_objects={},
        )
        return list(ModelIterable(source))  # type: ignore[arg-type]

    def first(self, **given: Any) -> Row | None:
        """The first of `rows(...)`, where there is one."""
        return next(iter(self.rows(**given)), None)

    @cached_property
    def _compiled(self) -> tuple[QuerySet[Row], Any, str, list[str]]:
        """The queryset, its compiler, its text with all constants written out, and the names of its places."""
        queryset = self._build()
        compiler = queryset.query.get_compiler(queryset.db)
        text, params = compiler.as_sql()
        values = iter(params)
        places: list[str] = []

        def fill(found: re.Match[str]) -> str:
            if found[0] == "%%":
                return "%%"
            value = next(values)
            if not isinstance(value, _Place):
                return str(compiler.connection.ops.compose_sql("%s", [value])).replace("%", "%%")
            places.append(value.name)
            return "%s"

        return queryset, compiler, PLACES.sub(fill, text), places

    @cached_property
    def _converters(self) -> dict[int, Any]:
        """What makes Python's values of the columns; the same for each connection."""
        _, compiler, *_ = self._compiled
        converters: dict[int, Any] = compiler.get_converters([column for column, *_ in compiler.select])
        return converters


class _Cursor(ServerBindingCursor):
    """Knows its query also when that was prepared before: Django's log of queries asks for it."""

    def _convert_query(self, *args: Any, **kwargs: Any) -> Any:
        self._query = super()._convert_query(*args, **kwargs)  # type: ignore[misc]
        return self._query


def _answer(connection: Any, sql: str, values: Sequence[Any]) -> list[list[tuple[Any, ...]]]:
    """What the database answers, in one chunk; the statement stays prepared on the connection."""
    with prepared_cursor(connection) as cursor:
        cursor.execute(sql, values)
        return [cursor.fetchall()]


def prepared_cursor(connection: Any = None) -> Any:
    """A cursor, for `with`, whose statements stay prepared on their connection; each value needs a type of its own.

    For written SQL that live pages or a declaration run: its text is the same each time, and its values are places.
    """
    connection = connection or connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    return connection._prepare_cursor(_Cursor(connection.connection))  # type: ignore[call-arg]


def insert_all(new: Iterable[Row], *, ignore_conflicts: bool = False) -> list[Row]:
    """Write `new` rows of one model in one statement; they come back with their primary keys, as from `bulk_create`.

    Either all of them bring a key or none. With `ignore_conflicts` a row that is there already is left out, and none
    comes back with a key. Of values that the database finds (expressions, defaults of its own) it knows nothing: such
    rows are for `bulk_create`. Raises DataError for a value that is longer than its column.
    """
    rows = list(new)
    if not rows:
        return rows
    fields, start, returning = _insertion(type(rows[0]), rows[0].pk is not None)
    for row in rows:
        row._prepare_related_fields_for_save("bulk_create")  # type: ignore[attr-defined]
    with prepared_cursor() as cursor:
        end = "ON CONFLICT DO NOTHING" if ignore_conflicts else returning
        cursor.execute(f"{start} SELECT * FROM {as_rows(fields)} {end}", [as_json(rows, fields)])
        keys = [] if ignore_conflicts else cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=not ignore_conflicts):
        row.pk = key
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return rows


Fields = tuple["Field[Any, Any]", ...]


def as_json(rows: Sequence[Model], fields: Fields) -> str:
    """What the columns of `fields` hold in `rows`: the one value that `as_rows(fields)` takes.

    Values as they are: PostgreSQL reads each as the type of its column. Raises TypeError for one that has no text.
    """
    return _encode([{field.column: field.pre_save(row, True) for field in fields} for row in rows])


@cache
def as_rows(fields: Fields) -> str:
    """SQL that makes rows again of what `as_json` wrote, in its order.

    The text is the same whatever their number: it is read and planned once. The types are without their lengths: what
    is too long for its column is refused, where a cast would cut it without a word.
    """
    name: Callable[[Any], str] = connections[DEFAULT_DB_ALIAS].ops.quote_name
    types = [re.sub(r"\(.*?\)", "", str(field.db_type(connections[DEFAULT_DB_ALIAS]))) for field in fields]
    columns = ", ".join(f"{name(field.column)} {kind}" for field, kind in zip(fields, types, strict=True))
    return f"ROWS FROM (jsonb_to_recordset(%s::jsonb) AS ({columns}))"


def _plain(value: Any) -> Any:
    """What JSON has no word for, as text that PostgreSQL reads."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON.")


_encode = JSONEncoder(default=_plain, ensure_ascii=False, allow_nan=False).encode


@cache
def _insertion(model: type[Model], brings_keys: bool) -> tuple[Fields, str, str]:
    """The fields that a new row brings, and the statement before and behind its rows."""
    name: Callable[[Any], str] = connections[DEFAULT_DB_ALIAS].ops.quote_name
    key: Any = model._meta.pk
    fields = tuple(field for field in model._meta.concrete_fields if brings_keys or field is not key)
    columns = ", ".join(name(field.column) for field in fields)
    return fields, f"INSERT INTO {name(model._meta.db_table)} ({columns})", f"RETURNING {name(key.column)}"
