"""Other names for the fields of many rows at once, without reading the rows one by one."""

import json
from collections.abc import Mapping, Sequence

from simulators.qad.amounts import from_json, to_json

SAMPLES = 16
STRIDE = 7_919
"""A prime, so that rows in a steady pattern are not all met at the same place of it."""
BLOCK = 250
"""Rows at a time: few enough for the processor's own memory."""


def rename_fields(rows: bytes, names: Mapping[str, str]) -> bytes:
    """Rows, a line each, with every field under its new name; fields without one keep theirs.

    In JSON a text that a colon follows is always a name, so names can be replaced in the raw
    rows. Neighbouring fields that are alike in most rows are replaced together, which is quick.
    """
    if not rows:
        return rows
    lines = rows.split(b"\n")
    runs = [(fields, _text(run, {}), _text(run, names)) for run, fields in _runs(lines)]
    blocks = []
    for start in range(0, len(lines), BLOCK):
        part = lines[start : start + BLOCK]
        block = b"\n".join(part)
        for fields, old, new in runs:
            pieces = block.split(old)
            if len(pieces) == len(part) + 1:
                block = new.join(pieces)
                continue
            for name in fields:
                block = block.replace(_name(name), _name(names.get(name, name)))
        blocks.append(block)
    return b"\n".join(blocks)


Run = tuple[Mapping[str, object], str]


def _runs(lines: Sequence[bytes]) -> list[tuple[Run, Sequence[str]]]:
    """The fields in runs: some that are alike in all rows looked at, and the one after them."""
    samples = [from_json(lines[place * STRIDE % len(lines)]) for place in range(SAMPLES)]
    found: list[tuple[Run, Sequence[str]]] = []
    alike: dict[str, object] = {}
    for name, value in samples[0].items():
        if all(sample.get(name) == value for sample in samples):
            alike[name] = value
            continue
        found.append(((alike, name), [*alike, name]))
        alike = {}
    if alike:
        *others, last = alike
        found.append((({name: alike[name] for name in others}, last), [*alike]))
    rare = {name for sample in samples for name in sample} - set(samples[0])
    return found + [(({}, name), [name]) for name in sorted(rare)]


def _text(run: Run, names: Mapping[str, str]) -> bytes:
    alike, last = run
    renamed = {names.get(name, name): value for name, value in alike.items()}
    start = to_json(renamed)[1:-1] + "," if renamed else ""
    return start.encode() + _name(names.get(last, last))


def _name(name: str) -> bytes:
    return f"{json.dumps(name)}:".encode()
