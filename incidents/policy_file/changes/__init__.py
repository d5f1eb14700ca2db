"""What differs between two documents, in words."""

from incidents.policy_file.changes.ladder import changes_in_words

__all__ = ["changes_in_words"]
