"""The database says it too: constraints that several models share."""

from django.db.models import CheckConstraint, Q


def paired(model: str, *fields: str) -> CheckConstraint:
    """`fields` of `model` are set together or not at all, as in resolved_at with resolved_by.

    `model` is the lower-case model name; the constraint is called `<model>_<first field>_paired`.
    """
    none = Q(**{f"{field}__isnull": True for field in fields})
    every = Q(**{f"{field}__isnull": False for field in fields})
    return CheckConstraint(condition=none | every, name=f"{model}_{fields[0]}_paired")


def by_at(model: str, what: str) -> CheckConstraint:
    """Nobody did what has no moment: `<what>_by` of `model` stands only beside `<what>_at`, which may stand alone.

    The constraint is called `<model>_<what>_by_has_its_moment`.
    """
    condition = Q(**{f"{what}_by__isnull": True}) | Q(**{f"{what}_at__isnull": False})
    return CheckConstraint(condition=condition, name=f"{model}_{what}_by_has_its_moment")


def one_of(model: str, name: str, *fields: str) -> CheckConstraint:
    """Exactly one of the nullable `fields` of `model` is set; the constraint is called `<model>_<name>`."""
    condition = Q()
    for chosen in fields:
        condition |= Q(**{f"{field}__isnull": field != chosen for field in fields})
    return CheckConstraint(condition=condition, name=f"{model}_{name}")
