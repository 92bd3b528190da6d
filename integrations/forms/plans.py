"""The form that publishes a version of a plan."""

from typing import Any

from django import forms


class PublishForm(forms.Form):
    """Nothing but the wish; a version that has shrunk wants to be confirmed."""

    accept_shrink = forms.BooleanField(label="Publish it although it has shrunk", required=False)

    def __init__(self, version: Any, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        if not version.lost:
            del self.fields["accept_shrink"]

    @property
    def accepts_shrink(self) -> bool:
        """Whether the loss was confirmed."""
        return bool(self.cleaned_data.get("accept_shrink"))
