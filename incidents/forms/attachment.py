"""Files that a person chooses: those of one field, and those for an entry that is already there."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from incidents.forms.submission import RoomForm
from incidents.intake.attachment import ENDINGS

ACCEPTED = ",".join(f".{ending}" for ending in ENDINGS if ending)


class SeveralFiles(forms.FileInput):
    """A field of the browser in which several files are chosen."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A list of files. What they are, and that none is empty, is found by the action that keeps them, by name."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", SeveralFiles(attrs={"accept": ACCEPTED, "multiple": True}))
        kwargs.setdefault("allow_empty_file", True)
        kwargs.setdefault("error_messages", {"required": "Choose the files first."})
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Each file checked by itself."""
        return [super(FilesField, self).clean(each) for each in data] if data else super().clean(None) or []


class FilesForm(RoomForm):
    """Files for one entry."""

    prefix_of_ids = "files"

    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=99_999_999)
    file = FilesField(label="Screenshots, logs or other files")

    def tells(self) -> list[str]:
        """For which entry they are."""
        return [f"For entry {self['number'].value() or 'unknown'}."]

    def words(self) -> dict[str, Any]:
        """Which entry, and its files; the same files again change nothing."""
        return {"number": self.cleaned_data["number"], "files": self.cleaned_data["file"]}
