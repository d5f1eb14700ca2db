"""People, as they see themselves and as an admin sees them."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from accounts.enums import AccessLevel
from accounts.models import User


def zone_choices() -> list[tuple[str, str]]:
    """Every place of the IANA database, in order; the old spellings without a place are left out, UTC is not."""
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"]


class ProfileForm(forms.ModelForm):
    """What a person says of themselves."""

    time_zone = forms.ChoiceField(choices=zone_choices, help_text="Your clocks show this zone.")

    class Meta:
        model = User
        fields = ["name", "time_zone", "phone", "single_keys"]
        labels = {"single_keys": "Single keys act in the room"}
        help_texts = {"single_keys": "Press ? in the room to see them.", "name": "As others should call you."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.instance.time_zone
        choices = zone_choices()
        if zone not in dict(choices):  # an old spelling that is in use stays
            self.fields["time_zone"].choices = [(zone, zone), *choices]  # type: ignore[attr-defined]


class PersonForm(UserChangeForm):
    """A person in the admin."""

    class Meta:
        model = User
        fields = ["handle", "name", "email", "phone", "time_zone", "single_keys", "access", "is_active"]

    def clean(self) -> dict[str, Any]:
        """Refuse what the action would: nobody left who configures."""
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        stays = asked.get("is_active") and asked.get("access") == AccessLevel.ADMIN
        others = User.objects.exclude(pk=self.instance.pk).filter(access=AccessLevel.ADMIN, is_active=True)
        if not stays and not self.errors and not others.exists():
            raise forms.ValidationError(f"@{self.instance.handle} is the last admin: make somebody else one first.")
        return asked


class PersonAddForm(AdminUserCreationForm):
    """A new person in the admin."""

    class Meta:
        model = User
        fields = ["handle", "name", "email", "phone", "time_zone", "access"]

    def clean_handle(self) -> str:
        """Handles are in lower case."""
        return str(self.cleaned_data["handle"]).lower()
