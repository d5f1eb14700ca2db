"""History is not rewritten: triggers by which the database refuses what no action does to a row of the record."""

from collections.abc import Sequence
from typing import Any

import pgtrigger


class FilledInOnce(pgtrigger.Protect):
    """Refuses another value for a field that already says something; an empty one may be filled in."""

    def __init__(self, fields: Sequence[str], **kwargs: Any) -> None:
        self.fields = fields
        super().__init__(operation=pgtrigger.Update, **kwargs)

    def get_condition(self, model: Any) -> pgtrigger.Condition:
        """Said before, in any type of column, and otherwise now."""
        columns = [model._meta.get_field(field).column for field in self.fields]
        rewritten = (
            f"""(COALESCE(OLD."{column}"::text, '') <> '' AND OLD."{column}" IS DISTINCT FROM NEW."{column}")"""
            for column in columns
        )
        return pgtrigger.Condition(f"({' OR '.join(rewritten)})")


def written_once(*, later: Sequence[str] = (), free: Sequence[str] = ()) -> list[pgtrigger.Trigger]:
    """A row is never deleted and stays as it was written, but for fields of `later` and `free`.

    Those of `later` are empty at first and filled in once; those of `free` follow how things stand, as often as they
    change.
    """
    changing = [*later, *free]
    if not changing:
        return [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
    triggers: list[pgtrigger.Trigger] = [
        pgtrigger.Protect(name="never_taken_away", operation=pgtrigger.Delete),
        pgtrigger.ReadOnly(name="kept_as_it_was", exclude=changing),
    ]
    return [*triggers, FilledInOnce(later, name="filled_in_once")] if later else triggers
