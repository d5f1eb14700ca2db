"""What a row must be before an action keeps it."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model

from core.errors import InvalidInput


def check_row(row: Model) -> None:
    """Raise InvalidInput with the first sentence, and the field, that the model's own validation finds."""
    try:
        row.full_clean()
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        raise InvalidInput(sentences[0], field="" if field == NON_FIELD_ERRORS else field) from error
