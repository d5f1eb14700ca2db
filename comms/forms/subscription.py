"""A standing channel in the admin."""

from django import forms

from comms.enums import FOR_ONE_PAIR_OF_EYES, MessageKind
from comms.models import Subscription


class SubscriptionForm(forms.ModelForm):
    """Kinds are ticked, not typed."""

    kinds = forms.MultipleChoiceField(
        choices=[choice for choice in MessageKind.choices if choice[0] not in FOR_ONE_PAIR_OF_EYES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="What goes there; nothing ticked means everything.",
    )

    class Meta:
        model = Subscription
        fields = ["name", "transport", "address", "secret", "kinds", "is_enabled"]
