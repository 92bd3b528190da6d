"""Writes docs/errors.md from the catalogue: python -m connector_site.error_reference."""

from audit.catalogue import CATALOGUE, ErrorCode
from connector_site.places import CHECKOUT

PATH = CHECKOUT / "docs" / "errors.md"
_HEAD = """# Errors

Every failure has a code. The same texts stand on pages, in answers to commands and here.
Words in braces are filled in when it happens.
The kind says who must act: `config` the customer, `transient` time, `rejected` the owner of
the data, `internal` the makers of ml-connector.

`python -m connector_site.error_reference` writes this page from `audit/catalogue/`.
"""


def error_reference() -> str:
    """The whole page, sorted by where errors come from and by code."""
    entries = sorted(CATALOGUE.values(), key=lambda entry: (entry.origin, entry.code))
    parts = [_HEAD]
    origin = ""
    for entry in entries:
        if entry.origin != origin:
            origin = entry.origin
            parts.append(f"\n## {origin}\n")
        parts.append(_describe(entry))
    return "".join(parts)


def _describe(entry: ErrorCode) -> str:
    return (
        f"\n### `{entry.code}`\n\n**{entry.title}** ({entry.kind}). {entry.meaning}\n\n"
        f"- Data: {entry.data}\n- What to do: {entry.fix}\n- Who: {entry.who}\n"
        f"- Tried again: {entry.retry}\n"
    )


if __name__ == "__main__":
    PATH.write_text(error_reference(), encoding="utf-8")
