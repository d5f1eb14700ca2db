"""A ladder as a form, one chapter at a time."""

from incidents.forms.ladder.form import CHAPTERS, LadderForms

__all__ = ["CHAPTERS", "LadderForms"]
