"""What a browser says of itself when its person lets it ring."""

from django import forms


class BrowserForm(forms.Form):
    """Filled in by static/js/browser.js from the browser's push subscription."""

    endpoint = forms.URLField(max_length=500, assume_scheme="https")
    p256dh = forms.RegexField(r"^[A-Za-z0-9_-]{87}$", max_length=87)
    auth = forms.RegexField(r"^[A-Za-z0-9_-]{22}$", max_length=22)
