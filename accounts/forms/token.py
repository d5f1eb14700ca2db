"""A new key in the admin."""

from typing import Any

from django import forms

from accounts.models import ApiToken
from accounts.permissions import scope_fits


class TokenForm(forms.ModelForm):
    """Whose, what for, and how much it may."""

    class Meta:
        model = ApiToken
        fields = ["user", "name", "scope"]

    def clean(self) -> dict[str, Any]:
        """Refuse what the action would."""
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        user, scope = asked.get("user"), asked.get("scope")
        if user and not user.is_active:
            self.add_error("user", f"The account of {user} is switched off.")
        elif user and scope and not scope_fits(user, scope):
            self.add_error("scope", f"{user} is no admin: a key of {user} cannot have this scope.")
        return asked
