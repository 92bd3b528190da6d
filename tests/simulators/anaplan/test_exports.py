"""Exports of modules as CSV."""

from tests.simulators.anaplan.client import Client

BACK, BUDGET = "116000000001", "116000000002"


def read(client: Client, export_id: str) -> bytes:
    return client.model("GET", f"/files/{export_id}").content


def test_an_export_is_a_csv_in_the_order_of_the_dimensions(anna):
    anna.load(
        "E_2,A_4000,Plant,Jan 26,,1.10,0,1.10\n"
        'E_1,A_6000,"Sales, north",Feb 26,,1,2,-1\n'
        "E_1,A_4000,Plant,Feb 26,,0,0.00,-0\n"
        "E_1,A_4000,Plant,Jan 26,,12345678901234567890123456.78,0,0\n"
    )
    task = anna.run("exports", BACK)
    assert task["result"]["successful"] is True
    assert task["result"]["details"][0]["type"] == "exportSucceeded"
    assert read(anna, BACK).decode() == (
        "Entity,Account,Cost Center,Period,Debit,Credit,Net\n"
        "E_1,A_4000,Plant,Jan 26,12345678901234567890123456.78,0,0\n"
        'E_1,A_6000,"Sales, north",Feb 26,1,2,-1\n'
        "E_2,A_4000,Plant,Jan 26,1.10,0,1.10\n"
    )


def test_an_export_may_have_any_columns_a_filter_and_another_encoding(anna):
    anna.run("exports", BUDGET)
    assert read(anna, BUDGET).decode("utf-16-le") == (
        "Amount\tPeriod\tAccount\tNote\n"
        "0\tJan 26\tAll accounts\t\n"
        "0\tFeb 26\tAll accounts\t\n"
        "1000.50\tJan 26\tRevenue\tsigned, sealed\n"
        "0\tFeb 26\tRevenue\t\n"
        "0\tJan 26\tRent\t\n"
        "0\tFeb 26\tRent\t\n"
    )


def test_numbers_can_be_shown_without_zeros_at_the_end(anna):
    anna.load("E_2,A_4000,Plant,Jan 26,,1.10,100,2.00\n")
    anna.tell("settings", {"trim_zeros": True})
    anna.run("exports", BACK)
    assert read(anna, BACK).decode().splitlines()[1] == "E_2,A_4000,Plant,Jan 26,1.1,100,2"


def test_an_output_is_cut_into_chunks_anywhere_and_listed(anna):
    anna.load("E_2,A_4000,Plant,Jan 26,,1,0,1\nE_2,A_6000,Plant,Jan 26,,1,0,1\n")
    anna.tell("settings", {"export_chunk_bytes": 64})
    anna.run("exports", BACK)
    rows = anna.model("GET", "/files").json()["files"]
    assert next(row["chunkCount"] for row in rows if row["id"] == BACK) == 2
    chunks = [anna.model("GET", f"/files/{BACK}/chunks/{n}").content for n in range(2)]
    assert [len(chunk) for chunk in chunks] == [64, 47]
    assert b"".join(chunks) == read(anna, BACK)


def test_an_output_belongs_to_the_user_who_ran_the_export(anna, bo):
    anna.run("exports", BACK)
    assert bo.model("GET", f"/files/{BACK}").status_code == 404
    assert anna.model("PUT", f"/files/{BACK}/chunks/0", data=b"x").status_code == 404
    assert anna.model("POST", f"/files/{BACK}", json={"chunkCount": 1}).status_code == 400


def test_an_empty_module_gives_a_header(anna):
    anna.run("exports", BACK)
    assert read(anna, BACK) == b"Entity,Account,Cost Center,Period,Debit,Credit,Net\n"
    assert anna.look("counters")["export_posts"] == 1
