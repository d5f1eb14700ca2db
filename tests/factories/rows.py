"""What all factories of rows share."""

from typing import TypeVar

from django.db.models import Model
from factory.django import DjangoModelFactory

Row = TypeVar("Row", bound=Model)


class RowFactory(DjangoModelFactory[Row]):
    """Writes rows; never saves one a second time behind the test's back."""

    class Meta:
        abstract = True
        skip_postgeneration_save = True
