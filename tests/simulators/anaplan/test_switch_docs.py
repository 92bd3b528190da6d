"""The page of the stand-in names each switch with its start, and a way to turn each guess."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from simulators.anaplan.app import FAULT_KINDS
from simulators.anaplan.settings import Settings
from simulators.faults import GENERIC_KINDS
from tests.simulators.guesses import can_be_turned, rows_below, unturnable

PAGE = Path(__file__).parents[3] / "docs" / "simulators-anaplan.md"
ROW = re.compile(r"^\| (`[a-z_0-9`, ]+`) \| ([^|]*) \| [^|]+ \|$", re.MULTILINE)
SWITCHES = asdict(Settings())
FAULTS = (*GENERIC_KINDS, *FAULT_KINDS)


def described() -> dict[str, str]:
    """Each switch of the tables with its start value; one value may stand for a whole row."""
    found: dict[str, str] = {}
    for names, values in ROW.findall(PAGE.read_text(encoding="utf-8")):
        switches = re.findall(r"[a-z_0-9]+", names)
        if switches[0] not in SWITCHES:
            continue
        starts = values.split(", ") * (len(switches) if ", " not in values else 1)
        found |= dict(zip(switches, starts, strict=True))
    return found


@pytest.mark.parametrize(("name", "start"), SWITCHES.items())
def test_every_switch_is_described_with_its_start(name, start):
    shown = str(start).lower() if isinstance(start, bool) else str(start)
    assert described()[name] == (shown or "empty")


def test_every_guess_names_the_switch_or_the_fault_that_turns_it():
    page = PAGE.read_text(encoding="utf-8")
    areas = rows_below(page, "| Area | Confirmed | Our guess | Not offered |")
    guesses = [part for _, _, cell, _ in areas if cell for part in cell.split(";")]
    assert len(guesses) > 50
    assert [part for part in guesses if not can_be_turned(part, SWITCHES, FAULTS)] == []
    standings = rows_below(page, "| Behaviour | Standing |")
    assert len(standings) > 20
    assert unturnable(standings, SWITCHES, FAULTS) == []


@pytest.mark.parametrize(
    ("guess", "turns"),
    [
        ("words (`step_words`)", True),
        ("words (fault `message_form`)", True),
        ("words (`message_form`)", False),
        ("the default (`step_words`)", True),
        ("the default words", False),
        ("words of `currentStep`", False),
        ("words, see the fault `nothing`", False),
    ],
)
def test_a_guess_is_turned_by_a_switch_or_a_named_fault_only(guess, turns):
    assert can_be_turned(guess, SWITCHES, FAULTS) is turns


def test_two_guesses_in_one_row_are_one_too_many():
    rows = [["One; two", "our guess (`step_words`)"], ["One", "our guess (`step_words`)"]]
    assert unturnable(rows, SWITCHES, FAULTS) == ["One; two"]
