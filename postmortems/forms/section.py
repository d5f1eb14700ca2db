"""One section as Markdown, with the revision that its writer began with."""

from typing import Any

from django import forms


class SectionForm(forms.Form):
    """The text may be emptied; `revision` is what two editors compare."""

    body = forms.CharField(required=False, strip=False)
    revision = forms.IntegerField(
        min_value=0,
        error_messages={
            "required": "The form came without its revision; reload the page and save again.",
            "invalid": "The form came with a broken revision; reload the page and save again.",
            "min_value": "The form came with a broken revision; reload the page and save again.",
        },
    )
    theirs = ""  # what somebody else wrote meanwhile

    def meet(self, *, theirs: str, revision: int) -> None:
        """Show what somebody else wrote; saving again then means to overwrite it knowingly."""
        self.theirs = theirs
        self.data: Any = {"body": self.data.get("body", ""), "revision": str(revision)}
