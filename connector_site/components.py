"""The page under staff sign-in that shows every part of pages, with the lines that make it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from accounts.icons import ICONS
from accounts.navigation import Entry
from connector_site.places import CHECKOUT

TEMPLATES = CHECKOUT / "templates"


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(help_text="As it should stand on every page.")
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}), min_length=12
    )
    role = forms.ChoiceField(choices=[("viewer", "Viewer"), ("operator", "Operator")])
    until = forms.DateField(
        label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    scope = forms.ChoiceField(
        label="May",
        choices=[("read", "Read runs"), ("write", "Read and start runs")],
        widget=forms.RadioSelect,
        help_text="A key may do no more than the member who made it.",
    )
    agreed = forms.BooleanField(label="Tell me when a run fails", required=False)


@dataclass(frozen=True, slots=True)
class Example:
    """One part of pages: its file below `templates/components/`, its name, and when to use it."""

    name: str
    title: str
    when: str

    @property
    def source(self) -> str:
        """The lines that make it."""
        return (TEMPLATES / "components" / f"{self.name}.html").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Shown:
    """An example as it looks, beside the lines that made it."""

    example: Example
    look: SafeString


GROUPS = {
    "Foundations": (
        Example("colours", "Colours", "Each has a light and a dark value in tokens.css."),
        Example("text", "Text", "One h1 per page; h2 for its parts; small text for help."),
        Example("icons", "Icons", "Never alone: a word stands beside each."),
    ),
    "Actions": (
        Example("buttons", "Buttons", "One main button per form; red only for what ends things."),
        Example("dialog", "Confirmation", "Before what is hard to undo; also a page of its own."),
        Example("notices", "Messages and notices", "A message after a form; a notice in place."),
    ),
    "Forms": (
        Example("fields", "Fields", "A label above, help below; optional ones say so."),
        Example("errors", "Errors", "On top as a list of links, and again at each field."),
        Example("inline", "Short forms and filters", "Two or three fields in one line."),
        Example("steps", "Steps", "For a few screens in a row, such as the sign-up."),
    ),
    "Data": (
        Example("badges", "Badges and marks", "A state: its icon and its word, then its colour."),
        Example("table", "Table", "Becomes labelled rows on a phone."),
        Example("wide_table", "Wide table", "Scrolls in its box: columns must stay together."),
        Example("pairs", "Facts", "What is so about one thing."),
        Example("progress", "Progress", "Only where the share that is done is known."),
        Example("empty", "Nothing there", "What it is, why it is empty, one next step."),
        Example("tasks", "Checklist", "Ticks come from facts, never from clicks."),
    ),
    "Secrets and code": (
        Example("secret", "Shown once", "For a key or recovery codes, right after making them."),
        Example("code", "Code", "A call or a setting that people copy."),
    ),
    "Finding the way": (
        Example("sections", "Sections", "Pages that belong together, one line of links."),
        Example("crumbs", "Breadcrumb and pages", "The way up, and the way through a list."),
    ),
}  # fmt: skip


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show every part in its states to staff; there is no such page for others."""
    _require_staff(request)
    context = _samples(request)
    groups = [
        (title, [Shown(example, _look(request, example, context)) for example in examples])
        for title, examples in GROUPS.items()
    ]
    return render(request, "components.html", {"groups": groups})


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask as pages ask before what is hard to undo; nothing comes of the answer."""
    _require_staff(request)
    form = _typed_name(request)
    if request.method == "POST" and form.is_valid():
        messages.success(request, "Nothing was removed: this was an example.")
        return redirect("components")
    status = 422 if form.errors else 200
    sentences = ["It is named in 3 syncs, which stop.", "Its 0 runs stay readable."]
    context = {"form": form, "sentences": sentences}
    return render(request, "components_confirm.html", context, status=status)


def _require_staff(request: HttpRequest) -> None:
    if not getattr(request.user, "is_staff", False):
        raise Http404("staff only")


def _look(request: HttpRequest, example: Example, context: dict[str, Any]) -> SafeString:
    return render_to_string(f"components/{example.name}.html", context, request)


class TypedNameForm(forms.Form):
    """The name of the thing, typed by who wants to end it."""

    name = forms.CharField(label="Type Example to go on")

    def clean_name(self) -> str:
        """Take nothing but the name itself."""
        name: str = self.cleaned_data["name"]
        if name != "Example":
            raise forms.ValidationError("This is not the name. Write it as it stands above.")
        return name


def _typed_name(request: HttpRequest) -> TypedNameForm:
    return TypedNameForm(request.POST if request.method == "POST" else None)


def _samples(request: HttpRequest) -> dict[str, Any]:
    """Return what the examples show."""
    here = request.path
    return {
        "form": SampleForm(auto_id="sample_%s"),
        "wrong_form": SampleForm({"name": "", "password": "short"}, auto_id="wrong_%s"),
        "inline_form": SampleForm(auto_id="inline_%s"),
        "filter_form": SampleForm(auto_id="filter_%s"),
        "icons": ICONS,
        "now": timezone.now(),
        "pairs": [("Name", "Nightly load"), ("Expires", "31 Dec 2026"), ("Last used", "never")],
        "tasks": [
            {"tone": "good", "title": "Connect QAD", "url": here, "state": "Done",
             "note": "The last test was good, 3 hours ago."},
            {"tone": "wait", "title": "Connect Anaplan", "url": here, "state": "Next",
             "note": "Needs the address and a certificate or a password."},
            {"tone": "none", "title": "Start the first run", "state": "Not yet",
             "note": "Waits for both connections."},
        ],
        "sections": [Entry("General", here, is_current=True), Entry("Closing", f"{here}#")],
    }  # fmt: skip
