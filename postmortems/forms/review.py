"""Whom to ask, and the word of a reviewer."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User


class ReviewForm(forms.Form):
    """Named people; who may be named is said by the caller."""

    reviewers = forms.ModelMultipleChoiceField(
        User.objects.none(),
        to_field_name="handle",
        error_messages={
            "required": "Name at least one person to review it.",
            "invalid_choice": "There is nobody called “%(value)s” who may review it.",
            "invalid_list": "Name people by their handles.",
        },
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewers"].queryset = people  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[str]:
        """Handles that are ticked."""
        return [str(value) for value in self["reviewers"].value() or []]


class ApprovalForm(forms.Form):
    """A word beside the approval."""

    note = forms.CharField(
        required=False,
        max_length=1000,
        error_messages={"max_length": "The note has %(show_value)d characters and holds %(limit_value)d."},
    )
