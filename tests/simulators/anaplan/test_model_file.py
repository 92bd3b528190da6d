"""Model files that cannot be used, and what is said about them."""

import json
import shutil

import pytest

from simulators.anaplan.loading import BadModel, load
from tests.simulators.anaplan.client import MODEL_FILE


def change(tmp_path, edit):
    for file in MODEL_FILE.parent.glob("*.csv"):
        shutil.copy(file, tmp_path)
    body = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    edit(body, body["workspaces"][0]["models"][0])
    path = tmp_path / "model.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


CASES = {
    "unknown member": (
        lambda body, model: model["imports"][0].update(colums=[]),
        r"unknown field `colums` - at `\$.workspaces\[0\].models\[0\].imports\[0\]`",
    ),
    "missing member": (
        lambda body, model: model["modules"][0].pop("id"),
        r"missing required field `id` - at `\$.workspaces\[0\].models\[0\].modules\[0\]`",
    ),
    "model id": (
        lambda body, model: model.update(id="abc"),
        "model id 'abc' must be 32 upper-case hex digits",
    ),
    "same id twice": (
        lambda body, model: body["users"][1].update(id=body["users"][0]["id"]),
        "user id 'a0000000000000000000000000000001' is there twice",
    ),
    "no users": (lambda body, model: body.update(users=[]), "'users' is empty"),
    "prefix": (
        lambda body, model: model["exports"][0].update(id="112000000009"),
        "model 'FP&A': export 'Actuals read-back': id '112000000009' must be 116…, 12 digits",
    ),
    "dimension": (
        lambda body, model: model["modules"][0]["dimensions"].append("Colours"),
        "module 'ACT01 Actuals': there is no dimension 'Colours'",
    ),
    "parent": (
        lambda body, model: model["lists"][0]["items"][0].update(parent="Nobody"),
        "list 'Entities': 'Lamps North' has no parent 'Nobody'",
    ),
    "duplicate code": (
        lambda body, model: model["lists"][0]["items"][1].update(code="e_1"),
        "list 'Entities': the code 'e_1' is there twice",
    ),
    "csv file": (
        lambda body, model: model["lists"][1].update(items_csv="plan.csv"),
        "the header must be name, code, parent",
    ),
    "import file": (
        lambda body, model: model["imports"][0].update(fileId="113000000077"),
        "import 'Load actuals': there is no file '113000000077'",
    ),
    "uncovered dimension": (
        lambda body, model: model["imports"][0]["columns"].pop(0),
        r"import 'Load actuals': must cover each of \['Entities'",
    ),
    "line item": (
        lambda body, model: model["imports"][0]["columns"][-1].update(lineItem="Gross"),
        "import 'Load actuals', column 'Net': the module has no line item 'Gross'",
    ),
    "member": (
        lambda body, model: model["imports"][1]["columns"][2].update(member="CC_9"),
        "import 'Load leniently', column 'Cost Centers': 'Cost Centers' has no member 'CC_9'",
    ),
    "export column": (
        lambda body, model: model["exports"][0]["columns"][0].update(lineItem="Net"),
        "export 'Actuals read-back', column 'Entity': needs either 'lineItem' or 'dimension'",
    ),
    "action": (
        lambda body, model: model["actions"][0].update(list="Entities"),
        "action 'Clear January': needs either 'module' or 'list'",
    ),
    "step": (
        lambda body, model: model["processes"][0]["steps"].append("Dance"),
        "process 'Month end': there is no action 'Dance'",
    ),
    "start values": (
        lambda body, model: model["modules"][1].update(cells_csv="accounts.csv"),
        "module 'PLN01 Plan': .*accounts.csv: The file has no column Accounts",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_complaint_names_the_object(tmp_path, case):
    edit, words = CASES[case]
    with pytest.raises(BadModel, match=words):
        load(change(tmp_path, edit))


def test_a_bad_start_value_is_named_with_its_line(tmp_path):
    path = change(tmp_path, lambda body, model: None)
    (tmp_path / "plan.csv").write_text("Accounts,Time,Versions,Amount,Note\nA_1,Jan 26,Budget,x,\n")
    with pytest.raises(BadModel, match="line 2: Invalid Accounts: A_1; Invalid number: x"):
        load(path)


def test_a_file_that_is_no_json(tmp_path):
    path = tmp_path / "model.json"
    path.write_text("{")
    with pytest.raises(BadModel, match=r"model\.json"):
        load(path)
