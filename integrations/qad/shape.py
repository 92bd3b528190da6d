"""Builds the types that a document's pages are decoded into, from the profile's map."""

from collections.abc import Callable, Sequence
from types import GenericAlias
from typing import Annotated, Any

import msgspec

from integrations.qad.profile import Document, Paging
from integrations.qad.types import kind_of

Opened = tuple[list[Any], int | None, int | None]
Decode = Callable[[bytes], Opened]

_NOT_EMPTY: Any = Annotated[str, msgspec.Meta(min_length=1)]
_TYPES: dict[str, Any] = {"text": str, "date": str, "whole": int, "truth": bool}


def build_row_type(spec: Document, fields: Sequence[str], *, takes_null: bool) -> type[Any]:
    """A struct with the canonical names as attributes and the wire names in JSON.

    Needed fields have no default, so that a row without them does not decode, and text that is
    needed in the key is not empty; amounts are left as raw JSON. `takes_null` lets the other
    texts be null, which costs a look at each of them. Rows hold no cycles, so the collector
    need not look at them.
    """
    columns: list[Any] = []
    for name in fields:
        kind = kind_of(name)
        is_needed = name in spec.needed
        if kind == "amount":
            columns.append((name, msgspec.Raw))
        elif is_needed:
            is_proof = kind == "text" and name in spec.key
            columns.append((name, _NOT_EMPTY if is_proof else _TYPES[kind]))
        elif kind in {"text", "date"}:
            columns.append((name, str | None if takes_null else str, ""))
        else:
            columns.append((name, _TYPES[kind] | None, None))
    rename = {name: spec.map[name] for name in fields}
    return msgspec.defstruct("Row", columns, rename=rename, gc=False, kw_only=True)


def build_decode(row_type: type[Any], spec: Document, paging: Paging) -> Decode:
    """A function from a body to (rows, total, page size); the last two None when not said.

    Raises `msgspec.DecodeError` as msgspec does. Texts that hold a number or a truth are taken
    for one, since instances differ; amounts are not touched by that.
    """
    rows = GenericAlias(list, (row_type,))
    if not spec.list_at:
        bare = msgspec.json.Decoder(rows, strict=False)
        return lambda body: (bare.decode(body), None, None)
    first, *deeper = spec.list_at.split(".")
    inner: Any = rows
    for part in reversed(deeper):
        inner = msgspec.defstruct("Level", [("rows", inner)], rename={"rows": part})
    columns: list[Any] = [("rows", inner)]
    rename = {"rows": first}
    for name, wire in (("total", paging.total_key), ("size", paging.size_param)):
        if wire and wire not in rename.values():
            columns.append((name, int | None, None))
            rename[name] = wire
    decoder = msgspec.json.Decoder(msgspec.defstruct("Page", columns, rename=rename), strict=False)

    def decode(body: bytes) -> Opened:
        page: Any = decoder.decode(body)
        level = page.rows
        for _ in deeper:
            level = level.rows
        return level, getattr(page, "total", None), getattr(page, "size", None)

    return decode
