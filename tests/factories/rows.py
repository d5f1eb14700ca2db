"""What all factories of rows share."""

from typing import Any, TypeVar

from django.db.models import Model
from factory.django import DjangoModelFactory

from incidents.models import ladder
from incidents.queries.policy import forget_policies

Row = TypeVar("Row", bound=Model)


class RowFactory(DjangoModelFactory[Row]):
    """Writes rows; never saves one a second time behind the test's back."""

    class Meta:
        abstract = True
        skip_postgeneration_save = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        """A test may add a part to a version that was read before; nobody else ever does."""
        if model_class.__module__.startswith(ladder.__name__):
            forget_policies()
        return super()._create(model_class, *args, **kwargs)
