"""What every part of a policy file has in common: its shape, its row, and its words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self, get_args, get_origin

from django.db.models import Model
from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo


class Part(BaseModel):
    """A part of the file: unknown names are refused, and nothing changes once it was read.

    A part that is an entry of a list has a `ROW` whose columns are called as its fields are (an empty text there is
    no value here), and lists of its own are rows of the related name. The admin's form and the sentences about a
    change are made from titles and descriptions.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)

    ROW: ClassVar[type[Model]]
    CALLED: ClassVar[str] = ""  # in a sentence: “the phase”
    NAMED_BY: ClassVar[str] = "slug"  # the field by which two versions of one entry are the same
    WRITES_DEFAULTS: ClassVar[bool] = False  # whether an export says also what would hold without being said
    COLUMNS: ClassVar[dict[str, str]] = {}  # field: column, where they differ

    @property
    def key(self) -> str:
        """By what this entry of a list is found again in another document."""
        return str(getattr(self, self.NAMED_BY))

    @property
    def shown(self) -> str:
        """As a sentence calls it: by its name, where it has one."""
        return str(getattr(self, "name", None) or self.key)

    @classmethod
    def lists(cls) -> dict[str, type["Part"]]:
        """The fields that are lists of parts, and of which."""
        return {name: part for name, declared in cls.model_fields.items() if (part := list_of(declared))}

    def columns(self) -> dict[str, Any]:
        """What its row holds: no lists of parts, an empty text for no value."""
        return {
            self.COLUMNS.get(name, name): _as_column(getattr(self, name), column)
            for name, column in self._own_columns()
        }

    @classmethod
    def of(cls, row: Model) -> Self:
        """The part that `row` says, with its lists. Nothing is checked again: an old version stays readable."""
        values = {name: _as_value(getattr(row, column.name), column.empty) for name, column in cls._own_columns()}
        for name, part in cls.lists().items():
            values[name] = tuple(part.of(inside) for inside in getattr(row, name).all())
        return cls.model_construct(**values)

    @classmethod
    def _own_columns(cls) -> Iterator[tuple[str, "_Column"]]:
        for name, declared in cls.model_fields.items():
            if list_of(declared) is None:
                column = cls.COLUMNS.get(name, name)
                yield name, _Column(column, cls.ROW._meta.get_field(column).null, declared.get_default())


@dataclass(frozen=True)
class _Column:
    """A column of a row, whether it may hold no value, and what stands in a document for an empty one."""

    name: str
    may_be_null: bool
    empty: Any


def _as_column(value: Any, column: _Column) -> Any:
    if value is None:
        return None if column.may_be_null else ""
    return list(value) if isinstance(value, tuple) else value


def _as_value(value: Any, empty: Any) -> Any:
    if value == "" and empty is None:
        return None
    return tuple(value) if isinstance(value, list) else value


def says(title: str, description: str, default: Any = ..., **more: Any) -> Any:
    """A field with its label and its help, an example in it; without a default it must be given.

    `wide=True` makes the form give it a text area, `choices` are offered there when not every word of its kind is.
    """
    extra = {"wide": more.pop("wide", False), "choices": more.pop("choices", None)}
    if default is ...:
        return Field(title=title, description=description, json_schema_extra=extra, **more)
    return Field(default, title=title, description=description, json_schema_extra=extra, **more)


def list_of(declared: FieldInfo) -> type[Part] | None:
    """The part that a field is a list of, or None."""
    inside = next(iter(get_args(declared.annotation)), None) if get_origin(declared.annotation) is tuple else None
    return inside if isinstance(inside, type) and issubclass(inside, Part) else None
