"""The choice of colours."""

from django.test import Client


def test_the_choice_is_kept_and_the_page_comes_in_it(engines):
    client = Client()
    assert "data-theme=" not in client.get("/sign-in/").content.decode().split(">")[1]
    answer = client.post("/theme/", {"theme": "dark", "next": "/sign-in/"})
    assert answer["Location"] == "/sign-in/"
    assert answer.cookies["theme"]["max-age"] == 365 * 24 * 3600
    assert '<html lang="en" data-theme="dark">' in client.get("/sign-in/").content.decode()


def test_an_unknown_choice_changes_nothing(engines):
    client = Client()
    assert "theme" not in client.post("/theme/", {"theme": "pink"}).cookies
    client.cookies["theme"] = '"><script>'
    assert '<html lang="en">' in client.get("/sign-in/").content.decode()
