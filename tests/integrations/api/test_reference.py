"""The reference for people: every call of the OpenAPI document, with what it takes."""

import html
import re

from django.test import Client

from integrations.api.schema import schema


def test_every_call_is_shown_with_its_fields_and_answers(engines):
    page = html.unescape(Client().get("/api/").content.decode())
    for path, methods in schema()["paths"].items():
        for method, found in methods.items():
            assert f"<code>{method.upper()} {path}</code>" in page
            for parameter in found["parameters"]:
                assert f"<code>{parameter['name']}</code>" in page
            for status in found["responses"]:
                assert f"<strong>{status}</strong>" in page
    text = re.sub(r"\s+", " ", page)
    assert '<td data-label="What" class="long">integer, 1 to 200</td>' in text
    assert "list of integer, 190001 to 999999" in text
    assert "http://127.0.0.1:8000/api/v1/runs/42" in text
