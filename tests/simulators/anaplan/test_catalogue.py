"""What a model holds, as its catalogue shows it."""

from tests.simulators.anaplan.client import ACTUALS, Client


def rows(client: Client, path: str, key: str) -> list[dict[str, object]]:
    return client.model("GET", path).json()[key]


def test_files_are_data_sources_and_outputs_of_exports(anna):
    found = rows(anna, "/files", "files")
    assert found[1] == {
        "id": "113000000002",
        "name": "lenient.txt",
        "chunkCount": 0,
        "delimiter": '"',
        "encoding": "ISO-8859-1",
        "firstDataRow": 2,
        "format": "txt",
        "headerRow": 1,
        "separator": ";",
    }
    assert found[4] == {
        "id": "116000000001",
        "name": "Actuals read-back",
        "chunkCount": 0,
        "firstDataRow": 0,
        "headerRow": 0,
    }


def test_imports_name_their_file(anna):
    found = rows(anna, "/imports", "imports")
    assert found[0] == {
        "id": ACTUALS,
        "name": "Load actuals",
        "importType": "MODULE_DATA",
        "importDataSourceId": "113000000001",
    }
    assert [row["importType"] for row in found[2:4]] == ["MODULE_DATA", "HIERARCHY_DATA"]
    assert "importDataSourceId" not in found[4]


def test_exports_actions_processes(anna):
    assert rows(anna, "/exports", "exports")[1] == {
        "id": "116000000002",
        "name": "Budget",
        "exportType": "TABULAR_MULTI_COLUMN",
        "exportFormat": "text/csv",
        "encoding": "UTF-16LE",
        "layout": "TABULAR_MULTI_COLUMN",
    }
    assert rows(anna, "/actions", "actions")[0] == {
        "id": "117000000001",
        "name": "Clear January",
        "actionType": "DELETE_BY_SELECTION",
    }
    assert rows(anna, "/processes", "processes") == [{"id": "118000000001", "name": "Month end"}]


def test_lists_modules_line_items_versions(anna):
    assert rows(anna, "/lists", "lists")[2] == {"id": "101000000003", "name": "Cost Centers"}
    assert rows(anna, "/modules", "modules")[0] == {"id": "102000000001", "name": "ACT01 Actuals"}
    assert rows(anna, "/modules/102000000002/lineItems", "items")[1] == {
        "moduleId": "102000000002",
        "moduleName": "PLN01 Plan",
        "id": "206000000012",
        "name": "Note",
    }
    assert len(rows(anna, "/lineItems", "items")) == 6
    spread = rows(anna, "/lineItems/206000000011/dimensions", "dimensions")
    assert [found["name"] for found in spread] == ["Accounts", "Time", "Versions"]


def test_sorting_takes_several_fields_and_ignores_unknown_ones(anna):
    found = anna.model("GET", "/imports", params={"sort": "nothing,-name"}).json()["imports"]
    assert [row["name"] for row in found] == [
        "Load plan",
        "Load leniently",
        "Load actuals",
        "Load accounts",
        "From another model",
    ]


def test_the_definition_of_an_import(anna):
    assert anna.model("GET", "/imports/112000000002").json()["importMetadata"] == {
        "name": "Load leniently",
        "type": "FILE",
        "source": {
            "textEncoding": "ISO-8859-1",
            "columnSeparator": ";",
            "textDelimiter": '"',
            "decimalSeparator": ",",
            "headerRow": 1,
            "firstDataRow": 2,
            "columnCount": 6,
            "headerNames": ["Entity", "Account", "Period", "Net", "Share", "Debit"],
        },
    }
    assert anna.model("GET", "/imports/112000000005").json()["importMetadata"]["type"] == "MODEL"


def test_an_unknown_import_is_500_and_an_unknown_export_404(anna):
    assert anna.model("GET", "/imports/112000000099").status_code == 500
    assert anna.model("GET", "/exports/116000000099").status_code == 404


def test_the_definition_of_an_export(anna):
    assert anna.model("GET", "/exports/116000000002").json()["exportMetadata"] == {
        "columnCount": 4,
        "rowCount": 2,
        "headerNames": ["Amount", "Period", "Account", "Note"],
        "dataTypes": ["NUMBER", "TIME_ENTITY", "ENTITY", "TEXT"],
        "listNames": ["", "Time", "Accounts", ""],
        "exportFormat": "text/csv",
        "encoding": "UTF-16LE",
        "delimiter": '"',
        "separator": "\t",
        "layout": "TABULAR_MULTI_COLUMN",
    }


def test_the_definition_of_a_process_gives_its_steps_in_order(anna):
    body = anna.model("GET", "/processes/118000000001?showImportDataSource=true").json()
    found = body["processMetadata"]
    assert [(step["actionType"], step["name"]) for step in found["actions"]] == [
        ("DELETE_BY_SELECTION", "Clear January"),
        ("IMPORT", "Load accounts"),
        ("IMPORT", "Load actuals"),
        ("EXPORT", "Actuals read-back"),
    ]
    assert found["actions"][2]["importDataSource"] == {
        "importDataSourceId": "113000000001",
        "type": "FILE",
    }


def test_the_definition_of_a_list(anna):
    body = anna.model("GET", "/lists/101000000002").json()["metadata"]
    assert (body["name"], body["itemCount"], body["managedBy"]) == ("Accounts", 3, "")
