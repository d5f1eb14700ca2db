"""A policy file by the browser: a preset, an upload or a text, read into one text that can be looked over."""

from typing import Any

from django import forms

from core.errors import InvalidInput
from incidents.policy_file import PolicyDocument, PolicyFileInvalid, preset_names, read_document, read_file_or_preset
from incidents.policy_file.source import LONGEST_FILE


class PolicyForm(forms.Form):
    """`document` is None until `is_valid()` has said yes; `text` is then the file that was chosen."""

    preset = forms.ChoiceField(
        label="Preset", required=False, help_text="A policy that ships with Muster, to begin with."
    )
    file = forms.FileField(label="File", required=False, help_text="A YAML file, like one that was downloaded here.")
    text = forms.CharField(
        label="Text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "class": "vLargeTextField", "spellcheck": "false"}),
        help_text="The policy itself. A preset or a file that you choose above takes its place.",
    )

    document: PolicyDocument | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "---------"), *((name, name) for name in preset_names())]
        self.fields["preset"] = forms.ChoiceField(
            label="Preset", required=False, choices=choices, help_text=self.fields["preset"].help_text
        )

    def clean(self) -> dict[str, Any]:
        """Read what was chosen; every mistake becomes a sentence at the text."""
        cleaned: dict[str, Any] = super().clean() or {}
        source = ""
        content: str | bytes = cleaned.get("text") or ""
        if upload := cleaned.get("file"):
            content, source = upload.read(LONGEST_FILE * 4), upload.name
        elif preset := cleaned.get("preset"):
            content, source = read_file_or_preset(preset)
        self._show(content)
        if not content:
            raise forms.ValidationError("Choose a preset or a file, or write a policy below.")
        try:
            self.document = read_document(content, source=source)
        except PolicyFileInvalid as invalid:
            for problem in invalid.problems:
                self.add_error("text", str(problem))
        except InvalidInput as refusal:
            self.add_error("text", str(refusal))
        return cleaned

    def _show(self, content: str | bytes) -> None:
        """Let the page come back with the chosen policy in its text, ready to be corrected."""
        text = content.decode(errors="replace") if isinstance(content, bytes) else content
        self.data = {**self.data, "text": text, "preset": ""}
