"""What all routers of the API share: how a question is read, and what a refusal looks like."""

from typing import Any

from ninja import Schema
from pydantic import ConfigDict, field_validator
from pydantic_core import PydanticCustomError


class Asked(Schema):
    """What comes in. A field that nobody knows is told, not dropped; a text must be one that the database can keep."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def can_be_kept(cls, value: Any) -> Any:
        """Refuse NUL and halves of a surrogate pair, which JSON may hold and PostgreSQL cannot."""
        if isinstance(value, str) and any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
            raise PydanticCustomError("not_kept", "holds a character that cannot be kept")
        return value


class Problem(Schema):
    """`detail` is a whole sentence for a person; `field` names the input at fault, or is empty."""

    detail: str
    field: str = ""
