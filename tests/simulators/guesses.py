"""What the tables about the stand-ins say of guesses: each names what turns it around."""

import re
from collections.abc import Collection
from itertools import takewhile

GUESS = "our guess"
WORD = re.compile(r"`([a-z_0-9]+)`")
FAULT = re.compile(r"\bfaults?\b")


def rows_below(page: str, header: str) -> list[list[str]]:
    """The cells of each row of the table with this header line."""
    lines = page[page.index(header) :].splitlines()[2:]
    rows = takewhile(lambda line: line.startswith("|"), lines)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def can_be_turned(text: str, switches: Collection[str], faults: Collection[str]) -> bool:
    """Whether a guess names a switch, or a kind of fault after the word `fault`."""
    before, *after = FAULT.split(text, maxsplit=1)
    return any(word in switches for word in WORD.findall(before)) or any(
        word in faults for word in WORD.findall("".join(after))
    )


def unturnable(
    rows: list[list[str]], switches: Collection[str], faults: Collection[str]
) -> list[str]:
    """The behaviours, of rows of behaviour and standing, that are guessed and not turned.

    So are two guesses in one row, because one of them could lack its switch.
    """
    return [
        behaviour
        for behaviour, standing in rows
        if GUESS in standing
        and (
            not can_be_turned(standing.partition(GUESS)[2], switches, faults)
            or (standing.startswith(GUESS) and ";" in behaviour)
        )
    ]
