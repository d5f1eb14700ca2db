"""Forms that name people: a role and its holder, whom to page."""

from typing import Any

from django import forms

from accounts.models import User
from escalation.models import Policy
from incidents.forms.submission import RoomForm
from incidents.queries.room import Room

HANDLES = {"list": "room-people-list", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


def people_named(typed: str) -> list[User]:
    """The active people called `@ana @jens`. Raises ValidationError, naming the first whom nobody knows."""
    handles = [word.removeprefix("@").lower() for word in typed.replace(",", " ").split()]
    found = {user.handle: user for user in User.objects.filter(handle__in=handles, is_active=True)}
    for handle in handles:
        if handle not in found:
            raise forms.ValidationError(f"There is nobody called @{handle} here.")
    return [found[handle] for handle in dict.fromkeys(handles)]


class RoleForm(RoomForm):
    """A role of the ladder, and who holds it."""

    prefix_of_ids = "role"

    role = forms.ChoiceField(label="Role")
    user = forms.CharField(
        label="Who", max_length=60, widget=forms.TextInput(attrs={**HANDLES, "placeholder": "@ana"})
    )

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, room=room, **kwargs)
        self.fields["role"].choices = [(row.definition.slug, row.definition.name) for row in room.roles]  # type: ignore[attr-defined]

    def clean_user(self) -> User:
        """The person."""
        people = people_named(self.cleaned_data["user"])
        if len(people) != 1:
            raise forms.ValidationError("Name one person, like @ana.")
        return people[0]

    def words(self) -> dict[str, Any]:
        """The role and its holder."""
        return {"role": self.cleaned_data["role"], "user": self.cleaned_data["user"]}


class PageForm(RoomForm):
    """People, or one escalation policy."""

    prefix_of_ids = "page"

    whom = forms.CharField(
        label="Whom?",
        max_length=300,
        widget=forms.TextInput(attrs={**HANDLES, "data-draft": "whom", "placeholder": "@ana @jens, or a policy"}),
        error_messages={"required": "Say whom to page: a person like @ana, or an escalation policy."},
    )

    def clean_whom(self) -> list[User] | Policy:
        """The people, or the policy."""
        typed = self.cleaned_data["whom"].strip()
        policy = Policy.objects.filter(slug=typed.lower()).first() or Policy.objects.filter(name__iexact=typed).first()
        return policy or people_named(typed)
