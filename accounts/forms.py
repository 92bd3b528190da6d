"""The forms of the accounts pages."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest

from accounts.models import User

WRONG = "This e-mail address and password do not belong together. Check both and try again."


class SignInForm(forms.Form):
    """E-mail address and password; the same answer whichever of the two is wrong."""

    email = forms.EmailField(
        label="E-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.request = request
        self.user: User | None = None

    def clean(self) -> dict[str, Any]:
        """Find the person; a wrong pair is an error of the whole form."""
        cleaned = self.cleaned_data
        if "email" not in cleaned or "password" not in cleaned:
            return cleaned
        found = authenticate(self.request, username=cleaned["email"], password=cleaned["password"])
        if not isinstance(found, User):
            raise forms.ValidationError(WRONG, code="wrong_pair")
        self.user = found
        return cleaned
