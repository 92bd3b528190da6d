"""The form that names the other model of a sync."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.choices import offer


class RepointForm(forms.Form):
    """One of the models that connections to Anaplan offer, as "connection|model"."""

    place = forms.ChoiceField(label="Other model")

    def __init__(
        self,
        places: Sequence[tuple[str, Sequence[tuple[str, str]]]],
        *arguments: Any,
        **keywords: Any,
    ) -> None:
        super().__init__(*arguments, **keywords)
        groups = [(name, models) for name, models in places if models]
        offer(self, "place", [("", "Choose…"), *groups])

    def place_of(self) -> dict[str, Any]:
        """Return connection and model."""
        connection, _, model = self.cleaned_data["place"].partition("|")
        return {"connection_id": int(connection), "model_id": model}
