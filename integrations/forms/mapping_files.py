"""The forms on mapping files: upload or paste, put in the draft, take as a file."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.files.base import File

from accounts.choices import offer

LARGEST_FILE = 20_000_000
LONGEST_PASTE = 1_000_000
MODES = (
    ("add", "Add and change. Rules that the file does not name stay."),
    ("replace", "Replace the dimensions that the file has. Their other rules are removed."),
)
FORMATS = (("csv", "CSV"), ("xlsx", "Excel (XLSX)"))
PASTED = "pasted rows"
ALL = "all"


class UploadForm(forms.Form):
    """A file, or rows out of a spreadsheet, and what becomes of rules that they do not name."""

    file = forms.FileField(
        required=False,
        help_text="CSV or XLSX, up to 20 MB and 100,000 lines. Nothing changes yet: the next page "
        "shows what it would change.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    pasted = forms.CharField(
        label="Or paste rows from a spreadsheet",
        required=False,
        strip=False,
        max_length=LONGEST_PASTE,
        help_text="With the header: dimension, code and member at least.",
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "code-area"}),
    )
    others = forms.ChoiceField(
        label="Rules that it does not name", choices=MODES, initial="add", widget=forms.RadioSelect
    )

    def clean_file(self) -> "File[bytes] | None":
        """Refuse what is larger than a mapping ever is, before it is read."""
        file: File[bytes] | None = self.cleaned_data["file"]
        if file is not None and file.size > LARGEST_FILE:
            raise forms.ValidationError("The file has more than 20 MB. Cut it into several files.")
        return file

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        found: dict[str, Any] = super().clean() or {}
        if not self.errors and bool(found.get("file")) == bool(found.get("pasted", "").strip()):
            self.add_error("file", "Choose a file or paste rows: one of the two.")
        return found

    def name(self) -> str:
        """Return what the upload is called."""
        file = self.cleaned_data["file"]
        return str(file.name) if file else PASTED

    def content(self) -> bytes:
        """Return the bytes of the file, or of the rows as they were pasted."""
        file = self.cleaned_data["file"]
        return bytes(file.read()) if file else str(self.cleaned_data["pasted"]).encode()


class PutForm(forms.Form):
    """What of a file's changes was seen before they are put in the draft."""

    seen = forms.CharField(max_length=64)


class _DimensionForm(forms.Form):
    BEGIN: ClassVar = {"dimension": ALL, "format": "csv", "what": "approved"}

    dimension = forms.ChoiceField()
    format = forms.ChoiceField(choices=FORMATS)

    def __init__(
        self,
        dimensions: Sequence[tuple[str, str]],
        given: Mapping[str, str] | None = None,
        **keywords: Any,
    ) -> None:
        """Take what an address says; what it leaves out is as the form begins."""
        said = None
        if given is not None:
            said = {**self.BEGIN, **{name: text for name, text in given.items() if text}}
        super().__init__(said, initial=self.BEGIN, **keywords)
        offer(self, "dimension", [(ALL, "All dimensions"), *dimensions])

    def chosen_dimension(self) -> str:
        """Return the dimension; nothing for all of them."""
        dimension: str = self.cleaned_data["dimension"]
        return "" if dimension == ALL else dimension


class TemplateForm(_DimensionForm):
    """Which codes a file to fill in lists."""


class ExportForm(_DimensionForm):
    """Which rules a file has, and for whom."""

    what = forms.ChoiceField(
        label="Rules", choices=(("approved", "As approved"), ("draft", "With the draft"))
    )
    safe = forms.BooleanField(
        label="For a spreadsheet",
        required=False,
        help_text="CSV only: ' stands before what a spreadsheet would compute. An import takes it "
        "off again.",
    )
