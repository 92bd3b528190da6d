"""The parts of codes and the words of names, written as one writes them everywhere."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from integrations.pipeline.suggestions.abbreviations import EMPTY, PHRASES, WORDS

_PARTS = re.compile(r"[^\W\d_]+|\d+|[\W_]+")
_APOSTROPHE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]")
_LONGEST_PHRASE = max(map(len, PHRASES))


def fold(text: str) -> str:
    """Write a text in small letters without accents."""
    spread = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(mark for mark in spread if not unicodedata.combining(mark))


def exact_parts(text: str) -> list[str]:
    """Cut a text, in small letters, where letters, digits and other marks meet."""
    return _PARTS.findall(text.strip().casefold())


def plain_parts(text: str) -> list[str]:
    """Return the runs of letters and of digits of a folded text."""
    return [part for part in _PARTS.findall(fold(text)) if part[0].isalnum()]


def loose_parts(text: str) -> list[str]:
    """Return the same runs, those of digits without their leading zeros."""
    return [part.lstrip("0") or "0" if part[0] == "0" else part for part in plain_parts(text)]


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name, each once and in order, with abbreviations written out."""
    parts = loose_parts(_APOSTROPHE.sub("", name))
    found = (part for part in _phrased(parts) if part not in EMPTY)
    return tuple(sorted({word for part in found for word in _written_out(part)}))


def is_mark(word: str) -> bool:
    """Whether a word tells things of one name apart: a number or a letter."""
    return word.isdigit() or len(word) == 1


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
    if word.endswith(("sses", "xes", "ches", "shes", "uses")):
        return word[:-2]
    return word[:-1]
