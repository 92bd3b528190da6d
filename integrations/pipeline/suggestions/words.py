"""The parts of codes and the words of names, written as one writes them everywhere."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from integrations.pipeline.suggestions.abbreviations import EMPTY, PHRASES, WORDS

Words = tuple[str, ...]

_PARTS = re.compile(r"[^\W\d_]+|\d+|[\W_]+")
_APOSTROPHE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]")
_LONGEST_PHRASE = max(map(len, PHRASES))


def fold(text: str) -> str:
    """Write a text in small letters without accents."""
    spread = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(mark for mark in spread if not unicodedata.combining(mark))


def exact_parts(code: str) -> list[str]:
    """Cut a code, in small letters, where letters, digits and other marks meet."""
    return _PARTS.findall(code.strip().casefold())


def plain_parts(code: str) -> list[str]:
    """Cut a code likewise, whatever separates its parts; only two numbers stay apart."""
    return _keep_numbers_apart(_runs(code))


def loose_parts(code: str) -> list[str]:
    """Cut a code likewise, its numbers without leading zeros."""
    return _keep_numbers_apart(map(_without_zeros, _runs(code)))


def words_of(name: str) -> Words:
    """Return the words of a name, each once and in order, with abbreviations written out."""
    parts = map(_without_zeros, _runs(_APOSTROPHE.sub("", name)))
    found = (part for part in _phrased(parts) if part not in EMPTY)
    return tuple(sorted({word for part in found for word in _written_out(part)}))


def is_mark(word: str) -> bool:
    """Whether a word tells things of one name apart: a number or a letter."""
    return word.isdigit() or len(word) == 1


def _runs(text: str) -> list[str]:
    """Return the runs of letters and of digits of a folded text."""
    return [part for part in _PARTS.findall(fold(text)) if part[0].isalnum()]


def _without_zeros(run: str) -> str:
    return run.lstrip("0") or "0" if run[0] == "0" else run


def _keep_numbers_apart(runs: Iterable[str]) -> list[str]:
    """Put a mark between two numbers, so that 1-11 is not 11-1."""
    parts: list[str] = []
    for run in runs:
        if parts and parts[-1].isdigit() and run.isdigit():
            parts.append("-")
        parts.append(run)
    return parts


def _phrased(parts: Iterable[str]) -> Iterator[str]:
    """Put what letters beside each other stand for in their place: R&D, A/P."""
    rest = [part for part in parts if part not in ("and", "or")]
    place = 0
    while place < len(rest):
        for length in range(_LONGEST_PHRASE, 1, -1):
            phrase = PHRASES.get(tuple(rest[place : place + length]))
            if phrase is not None:
                yield from phrase.split()
                place += length
                break
        else:
            yield rest[place]
            place += 1


def _written_out(word: str) -> list[str]:
    whole = WORDS.get(word) or WORDS.get(_stem(word))
    return whole.split() if whole else [_stem(word)]


def _stem(word: str) -> str:
    """Take the ending of a plural away."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes", "nuses")):
        return word[:-2]
    return word[:-1]
