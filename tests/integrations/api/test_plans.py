"""Plans by the API: published ones alone, in QAD's codes, a page at a time."""

from accounts.api_keys import Scope
from tests.integrations.api.calls import problem_of, program_of
from tests.integrations.scenes import add_plan, make_house


def test_a_program_reads_published_plans_and_their_values_page_by_page():
    house = make_house()
    old, now, draft = (add_plan(house, state) for state in ("superseded", "published", "draft"))
    program = program_of(house, Scope.PLANS_READ)
    listed = program.call("plan-versions").json()["items"]
    assert [(item["id"], item["state"]) for item in listed] == [
        (now.pk, "published"),
        (old.pk, "superseded"),
    ]
    assert listed[0]["reference"] == "FY27 BUDGET-A2"
    assert listed[0]["totals"] == [{"period": 202611, "currency": "USD", "amount": "-1899.95"}]
    only = program.call("plan-versions?state=published").json()["items"]
    assert [item["id"] for item in only] == [now.pk]
    problem_of(program.call(f"plan-versions/{draft.pk}"), 404, "api_not_found")
    problem_of(program.call(f"plan-versions/{draft.pk}/values"), 404, "api_not_found")

    first = program.call(f"plan-versions/{now.pk}/values?limit=1")
    page = first.json()
    assert page["items"] == [
        {
            "entity": "US01", "period": 202611, "account": "4000", "cost_center": "100",
            "currency": "USD", "amount": "-2700.00",
        }
    ]  # fmt: skip
    rest = program.call(page["next"].partition("/api/v1/")[2]).json()
    assert ([item["amount"] for item in rest["items"]], rest["next"]) == (["800.05"], None)
    known = {"If-None-Match": first["ETag"]}
    again = program.call(f"plan-versions/{now.pk}/values?limit=1", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    for query, count in {
        "entity=US01&period=202611": 2, "account=4000": 1, "cost_center=": 0, "period=202610": 0,
    }.items():  # fmt: skip
        found = program.call(f"plan-versions/{now.pk}/values?{query}").json()
        assert (query, len(found["items"])) == (query, count)
    problem_of(program_of(house, Scope.RUNS_READ).call("plan-versions"), 403, "api_scope_missing")
