"""Code lists of the books: sub-accounts, projects, currencies, and one code with two meanings."""

from tests.simulators.qad.conftest import ACCOUNTS

TWO_DOMAINS = "domain,entity,description,base_currency\nD1,E1,One,EUR\nD2,E2,Two,USD\n"


def test_sub_accounts_and_projects_are_those_of_the_domain(serve, write_books):
    folder = write_books(
        entities=TWO_DOMAINS,
        sub_accounts="domain,sub_account,description,shared_set\nD1,01,North,S1\nD2,01,East,S2\n",
        projects="domain,project,description,status_code,is_active\n,P1,Roof,OPEN,false\n",
    )
    qad = serve(folder)
    north = qad.rows("qad/base/coa/SubAccounts", workspace="D1_E1")
    assert [(row["sharedSetCode"], row["subAccountCode"], row["description"]) for row in north] == [
        ("S1", "01", "North")
    ]
    assert qad.rows("qad/base/coa/Projects", workspace="D2_E2") == [
        {
            "sharedSetCode": "",
            "projectCode": "P1",
            "description": "Roof",
            "statusCode": "OPEN",
            "isActive": False,
            "lastModified": "2010-12-01T08:00:00.000Z",
        }
    ]


def test_currencies_are_those_described_and_those_used(serve, write_books):
    text = "currency,description,is_active\nEUR,Euro,true\nPLN,Zloty,false\n"
    qad = serve(write_books(entities=TWO_DOMAINS, currencies=text))
    rows = qad.rows("qad/base/currency/Currencies", workspace="D1_E1")
    assert [(row["currencyCode"], row["description"], row["isActive"]) for row in rows] == [
        ("EUR", "Euro", True),
        ("PLN", "Zloty", False),
        ("USD", "USD", True),
    ]


def test_one_code_means_two_things_in_two_shared_sets(serve, write_books):
    text = "domain,shared_set,gl_account,description\nD1,S1,100,Cash\nD2,S2,100,Scrap\n"
    qad = serve(write_books(entities=TWO_DOMAINS, accounts=text))
    for workspace, wanted in (("D1_E1", ("S1", "Cash")), ("D2_E2", ("S2", "Scrap"))):
        rows = qad.rows(ACCOUNTS, workspace=workspace)
        assert [(row["sharedSetCode"], row["description"]) for row in rows] == [wanted]
