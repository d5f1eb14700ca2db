"""The database says it too: constraints that several models share."""

from django.db.models import CheckConstraint, Q


def paired(model: str, *fields: str) -> CheckConstraint:
    """`fields` of `model` are set together or not at all, as in resolved_at with resolved_by.

    `model` is the lower-case model name; the constraint is called `<model>_<first field>_paired`.
    """
    none = Q(**{f"{field}__isnull": True for field in fields})
    every = Q(**{f"{field}__isnull": False for field in fields})
    return CheckConstraint(condition=none | every, name=f"{model}_{fields[0]}_paired")


def one_of(model: str, name: str, *fields: str) -> CheckConstraint:
    """Exactly one of the nullable `fields` of `model` is set; the constraint is called `<model>_<name>`."""
    condition = Q()
    for chosen in fields:
        condition |= Q(**{f"{field}__isnull": field != chosen for field in fields})
    return CheckConstraint(condition=condition, name=f"{model}_{name}")
