"""Cells read and written without a task."""

import pytest

AT = [
    {"dimensionName": "Entities", "itemCode": "E_1"},
    {"dimensionId": "101000000002", "itemName": "Rent"},
    {"dimensionName": "Cost Centers", "itemCode": "CC_5"},
    {"dimensionId": "20000000003", "itemName": "Jan 26"},
]
DATA = "/modules/102000000001/data"


def test_good_cells_are_written_to_the_last_digit_and_bad_ones_named(anna):
    body = (
        '[{"lineItemName":"Net","dimensions":%s,"value":12345678901234567890123456.78},'
        '{"lineItemId":"206000000004","dimensions":%s,"value":1},'
        '{"lineItemName":"Net","dimensions":[],"value":1},'
        '{"lineItemName":"Net","dimensions":%s,"value":true}]'
    )
    places = str(AT).replace("'", '"')
    answer = anna.model("POST", DATA, data=body % (places, places, places)).json()
    assert answer["numberOfCellsChanged"] == 1
    assert [(f["requestIndex"], f["failureType"]) for f in answer["failures"]] == [
        (1, "cellIsCalculated"),
        (2, "missingDimension"),
        (3, "invalidValue"),
    ]
    values = anna.cells()["E_1", "A_6000", "CC_5", "Jan 26"]
    assert values["Net"] == "12345678901234567890123456.78"
    assert anna.model("GET", DATA).status_code == 405
    assert anna.model("POST", DATA, data="{}").status_code == 400


def test_cells_are_read_as_json_or_csv(anna):
    anna.load('E_1,A_4000,"Sales, north",Jan 26,,1.10,2,3\n')
    view = "/views/102000000001/data"
    assert anna.model("GET", view, params={"format": "v1"}).json() == {
        "columnCoordinates": [["Debit"], ["Credit"], ["Net"], ["Share"]],
        "rows": [
            {
                "rowCoordinates": ["Lamps North", "Revenue", "Sales, north", "Jan 26"],
                "cells": ["1.10", "2", "3", "0"],
            }
        ],
    }
    assert anna.model("GET", view).text == (
        ',,,,Debit,Credit,Net,Share\nLamps North,Revenue,"Sales, north",Jan 26,1.10,2,3,0\n'
    )
    assert anna.model("GET", "/views/102000000099/data").status_code == 404


def test_odd_coordinates_are_named_as_missing(anna):
    body = [{"lineItemName": "Net", "dimensions": odd, "value": 1} for odd in (5, "x", {}, [5])]
    answer = anna.model("POST", DATA, json=body)
    assert answer.status_code == 200
    assert {f["failureType"] for f in answer.json()["failures"]} == {"missingDimension"}
    assert len(answer.json()["failures"]) == 4


@pytest.mark.parametrize("path", [DATA, "/lists/101000000001/items?action=add"])
def test_a_body_that_is_nested_too_deep_is_400(anna, path):
    headers = {"Content-Type": "application/json"}
    for text in ("[" * 5000, '{"a":' * 5000):
        answer = anna.model("POST", path, data=text, headers=headers)
        assert (answer.status_code, answer.json()["status"]["code"]) == (400, 400)
