"""The form on a sync: what it reads, what it loads into, and which column holds what."""

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.choices import offer
from integrations.forms.conventions import question_fields
from integrations.forms.sync_policies import PolicyFields
from integrations.selectors.syncs import CONSTANT, GATES, POLICIES, SyncChoices, column_choices
from integrations.services.sync_conventions import as_answers, from_answers, question_of, questions
from integrations.services.sync_editing import SyncWish

_FIELDS = {
    "policies_invalid": "closed_changes",
    "sync_name_taken": "name",
    "sync_without_entities": "entities",
    "model_not_chosen": "target",
    "anaplan_import_reads_no_file": "import_name",
    "anaplan_import_missing": "import_name",
    "anaplan_export_missing": "export_name",
    "anaplan_list_missing": "export_name",
    "anaplan_process_missing": "process_name",
    "anaplan_process_without_import": "process_name",
    "currency_not_offered": "currency",
    "export_header_unbound": "export_name",
    "export_incomplete": "export_name",
    "suspense_without_member": "unmapped_policy",
}

_ANSWERED = frozenset(
    {"data_set", "balance_gate", "unmapped_policy", "sign", "currency", "member_code",
     "member_name"}
)  # fmt: skip
"""What always has an answer, the usual one where the question was not put."""
_SUSPENSE = ("gl_account", "supplier", "cost_center")


class SyncForm(PolicyFields):
    """A sync; its columns are those of the chosen import's file.

    `column_n` says what the n-th column holds and `constant_n` its text if it is always the
    same; `back_n` what the n-th column holds that only the export has. What is asked on
    conventions depends on the data set.
    """

    name = forms.CharField(max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    data_set = forms.ChoiceField(label="What moves")
    source = forms.ChoiceField(label="From QAD")
    target = forms.ChoiceField(label="Into Anaplan")
    entities = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, help_text="Each is read and proved apart."
    )
    import_name = forms.ChoiceField(label="Import action")
    export_name = forms.ChoiceField(
        label="Export action for reading back",
        required=False,
        help_text="Without it nobody can prove that the money arrived: runs end as unverified, "
        "never green.",
    )
    process_name = forms.ChoiceField(
        label="Process to start",
        required=False,
        help_text="Those that have this import as a step. Without one the import is started "
        "itself.",
    )
    sends_all = forms.BooleanField(
        label="It empties its target first: send every cell",
        required=False,
        help_text="For an import or process that clears what was there. Without it only what has "
        "changed is sent.",
    )
    balance_gate = forms.ChoiceField(
        label="When an entity's books do not sum to zero",
        choices=GATES,
        initial="warn",
    )
    unmapped_policy = forms.ChoiceField(
        label="When a code has no member",
        choices=POLICIES,
        initial="hold",
        help_text="Held rows are listed and leave the run partial. Suspense keeps it green, with a "
        "warning that names codes and amounts.",
    )
    suspense_gl_account = forms.CharField(
        label="Suspense member of accounts",
        required=False,
        max_length=200,
        help_text="As the import expects it. Without one, rows whose account is not mapped are "
        "held.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    suspense_cost_center = forms.CharField(
        label="Suspense member of cost centers",
        required=False,
        max_length=200,
        help_text="Without one, rows whose cost center is not mapped are held.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    suspense_supplier = forms.CharField(
        label="Suspense member of suppliers",
        required=False,
        max_length=200,
        help_text="Without one, rows whose supplier is not mapped are held.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    prompts = forms.CharField(
        label="Answers to the import's questions",
        required=False,
        max_length=2_000,
        help_text="Only for an import that asks each time. One a line: Version: Actual",
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )

    def __init__(self, choices: SyncChoices, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.choices = choices
        empty = [("", "Choose…")]
        self._ask_by_data_set()
        offer(self, "data_set", choices.data_sets)
        offer(self, "process_name", choices.processes)
        offer(self, "source", [*empty, *choices.sources])
        offer(self, "target", [*empty, *choices.targets])
        offer(self, "entities", choices.entities)
        offer(self, "import_name", choices.imports or empty)
        offer(self, "export_name", choices.exports or [("", "None: nothing is read back")])
        for number, header in enumerate(choices.headers or ()):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=header, choices=column_choices(choices.data_set), initial=self._guess(header)
            )
            self.fields[f"constant_{number}"] = forms.CharField(
                label=f"Text of {header}", required=False, max_length=200
            )
        for number, header in enumerate(choices.export_headers):
            self.fields[f"back_{number}"] = forms.ChoiceField(
                label=header,
                choices=column_choices(choices.data_set)[:-1],
                required=False,
                initial=self._guess(header),
            )

    def _ask_by_data_set(self) -> None:
        data_set = self.choices.data_set
        names = questions(data_set)
        self.fields.update(question_fields(names))
        for name, answer in as_answers(self.choices.conventions, data_set).items():
            self.initial.setdefault(name, answer)
        if data_set.is_list:
            list_field = self.fields["export_name"]
            list_field.label, list_field.required = "List in Anaplan", True
            list_field.help_text = "Its members are read back and compared with QAD's."
        if data_set.only_profit_and_loss:
            self.fields["balance_gate"].label = "When postings are not what the balances say"
        elif not data_set.is_balanced:
            del self.fields["balance_gate"]
        for dimension in _SUSPENSE:
            if data_set.is_list or dimension not in data_set.dimensions:
                del self.fields[f"suspense_{dimension}"]
        if data_set.is_list:
            del self.fields["unmapped_policy"]
        for name in _ANSWERED.intersection(self.fields):
            self.fields[name].required = not self.is_bound or name in self.data

    @property
    def unmapped(self) -> list[forms.BoundField]:
        """What is asked on codes without a member."""
        names = ("unmapped_policy", *(f"suspense_{dimension}" for dimension in _SUSPENSE))
        return [self[name] for name in names if name in self.fields]

    @property
    def questions(self) -> list[forms.BoundField]:
        """What is asked on conventions."""
        return [self[name] for name in questions(self.choices.data_set)]

    @property
    def columns(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """What each column holds, with the field for a text that is always the same."""
        numbers = range(len(self.choices.headers or ()))
        return [(self[f"column_{number}"], self[f"constant_{number}"]) for number in numbers]

    @property
    def export_columns(self) -> list[forms.BoundField]:
        """The columns that only the export has."""
        return [self[f"back_{number}"] for number in range(len(self.choices.export_headers))]

    def clean_prompts(self) -> list[dict[str, str]]:
        """Read one question and answer a line."""
        lines = [line.strip() for line in self.cleaned_data["prompts"].splitlines()]
        return [_prompt(line) for line in lines if line]

    def clean(self) -> dict[str, Any]:
        """Ask for the text of a column that is always the same."""
        cleaned = super().clean()
        for number, header in enumerate(self.choices.headers or ()):
            wants = cleaned.get(f"column_{number}") == CONSTANT
            if wants and not cleaned.get(f"constant_{number}"):
                self.add_error(f"constant_{number}", f"Write the text that {header} always holds.")
        return cleaned

    def wish(self) -> SyncWish:
        """Return what was asked for."""
        cleaned = self.cleaned_data
        return SyncWish(
            name=cleaned["name"],
            data_set=self.choices.data_set.name,
            source_id=int(cleaned["source"]),
            target_id=int(cleaned["target"]),
            entities=cleaned["entities"],
            import_name=cleaned["import_name"],
            export_name=cleaned["export_name"],
            process_name=cleaned["process_name"],
            sends_all=cleaned["sends_all"],
            conventions=self._conventions(),
            balance_gate=cleaned.get("balance_gate") or "warn",
            unmapped_policy=cleaned.get("unmapped_policy") or "hold",
            suspense_members={
                dimension: cleaned.get(f"suspense_{dimension}", "") for dimension in _SUSPENSE
            },
            bindings={
                header: self._binding(number)
                for number, header in enumerate(self.choices.headers or ())
            },
            export_bindings={
                header: cleaned[f"back_{number}"]
                for number, header in enumerate(self.choices.export_headers)
                if cleaned[f"back_{number}"]
            },
            parameters=cleaned["prompts"],
            policies=self.policies(),
        )

    def show_refusal(self, code: str, facts: Mapping[str, str | int], sentence: str) -> None:
        """Put what the service refused beside its field; a column is named by its header."""
        name = _FIELDS.get(code)
        if code in ("sync_action_unknown", "sync_columns_unknown"):
            name = "export_name" if facts["kind"] == "list" else f"{facts['kind']}_name"
        if code == "conventions_invalid":
            name = question_of(str(facts["place"]), self.choices.data_set) or None
        headers = list(self.choices.headers or ())
        if facts.get("header") in headers:
            name = f"column_{headers.index(str(facts['header']))}"
        self.add_error(name if name in self.fields else None, sentence)

    def _conventions(self) -> dict[str, Any]:
        """Return what was answered; a question that was not put keeps its answer."""
        data_set, kept = self.choices.data_set, self.choices.conventions
        answers = as_answers(kept, data_set)
        answers |= {name: self.cleaned_data[name] for name in answers if name in self.data}
        return from_answers(answers, data_set, kept)

    def _guess(self, header: str) -> str:
        return (self.choices.guesses or {}).get(header, "")

    def _binding(self, number: int) -> str:
        held = str(self.cleaned_data[f"column_{number}"])
        return CONSTANT + self.cleaned_data[f"constant_{number}"] if held == CONSTANT else held


def _prompt(line: str) -> dict[str, str]:
    question, colon, answer = (part.strip() for part in line.partition(":"))
    if not (question and colon and answer):
        raise forms.ValidationError(
            f"“{line}” is no question with its answer. Write, for example, Version: Actual"
        )
    return {"entityType": question, "entityName": answer}
