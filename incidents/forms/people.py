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

    takes_from = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, room=room, **kwargs)
        self.fields["role"].choices = [(row.definition.slug, row.definition.name) for row in room.roles]  # type: ignore[attr-defined]

    def clean_user(self) -> User:
        """The person."""
        people = people_named(self.cleaned_data["user"])
        if len(people) != 1:
            raise forms.ValidationError("Name one person, like @ana.")
        return people[0]

    def clean(self) -> dict[str, Any]:
        """A role that has to be taken from somebody asks for one press more, which then names them."""
        words: dict[str, Any] = super().clean() or self.cleaned_data
        row = next((row for row in self.room.roles if row.definition.slug == words.get("role")), None)
        holder = row.holders[0] if row and row.must_be_taken else None
        words["takes_from"] = holder
        asked = {words.get("user"), self.room.viewer, None}
        if row and holder and holder not in asked and self.data.get("takes_from") != holder.handle:
            self.data = {**{name: self.data[name] for name in self.data}, "takes_from": holder.handle}
            what = row.definition.name.lower()
            raise forms.ValidationError(
                f"{holder} is {what} now. Press once more to take it from them without a handover; it is recorded."
            )
        return words

    def words(self) -> dict[str, Any]:
        """The role, who holds it from now on, and from whom it is taken."""
        return {name: self.cleaned_data[name] for name in ("role", "user", "takes_from")}


class HandoverForm(RoleForm):
    """A role of one's own that somebody else has to accept."""

    prefix_of_ids = "handover"

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, room=room, **kwargs)
        mine = [row for row in room.roles if row.must_be_taken and room.viewer in row.holders]
        self.fields["role"].choices = [(row.definition.slug, row.definition.name) for row in mine]  # type: ignore[attr-defined]
        del self.fields["takes_from"]

    def words(self) -> dict[str, Any]:
        """The role, and whom it is offered to."""
        return {"role": self.cleaned_data["role"], "to": self.cleaned_data["user"]}


class TakeOverForm(RoomForm):
    """One press: a role, and who has it now."""

    prefix_of_ids = "takeover"

    role = forms.SlugField(widget=forms.HiddenInput)
    takes_from = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, room=room, **kwargs)
        self.initial = {
            **self.initial,
            "role": room.commander_role,
            "takes_from": room.commander.handle if room.commander else "",
        }

    def clean_takes_from(self) -> User:
        """Whoever has it now, as far as the press knows."""
        return people_named(self.cleaned_data["takes_from"])[0]

    def words(self) -> dict[str, Any]:
        """The role, and from whom."""
        return {"role": self.cleaned_data["role"], "takes_from": self.cleaned_data["takes_from"]}


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
