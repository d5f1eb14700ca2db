"""The nouns of postmortems."""

from postmortems.models.action_item import ActionItem
from postmortems.models.postmortem import Postmortem, Section
from postmortems.models.review import Review

__all__ = ["ActionItem", "Postmortem", "Review", "Section"]
