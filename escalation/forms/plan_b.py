"""Who gets plan B by mail."""

from django import forms


class PlanBForm(forms.Form):
    """One press: get it, or with `stop` get it no more."""

    stop = forms.BooleanField(required=False)
