"""Which member carries a code of QAD itself: as it is, written otherwise, or within an affix.

How members carry codes is learned: from the codes that are mapped already, and from the list
where it does the same with many codes. A code that two members carry is carried by none.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from integrations.pipeline.suggestions.abbreviations import LIGHT
from integrations.pipeline.suggestions.kinds import Code, Member
from integrations.pipeline.suggestions.labels import labels_of
from integrations.pipeline.suggestions.prepared import CutLabels, Label, PreparedMembers, head_of
from integrations.pipeline.suggestions.words import is_mark, words_of

LEAST_CODES, LEAST_NAMED = 3, 5
LEAST_SHARE = 20
SHORT = 2
GLUED = 3
ALIKE = 60
LONGEST_AFFIX = 3

Hits = dict[str, set[str]]


class Shape(NamedTuple):
    """What stands before and after a code in a label; None for anything."""

    before: str | None
    after: str | None


ITSELF = Shape("", "")


class Carriers(NamedTuple):
    """The member that carries each code, and how, in words."""

    members: dict[str, str]
    reasons: dict[str, str]


def find_carriers(
    codes: Sequence[Code], members: PreparedMembers, known: Mapping[str, str]
) -> Carriers:
    """Find the member that carries each code: read exactly first, then ever more loosely."""
    found: dict[str, str] = {}
    undecided = {code.code for code in codes}
    for labels in members.cuts:
        reading = _Reading(labels, codes, members.by_text, known)
        for shapes in reading.ranked():
            carried = reading.carried(shapes, undecided)
            taken = set(found.values())
            takers = Counter(text for texts in carried.values() for text in texts)
            undecided -= carried.keys()
            for code, texts in carried.items():
                text = min(texts)
                if len(texts) == 1 and takers[text] == 1 and text not in taken:
                    found[code] = text
    reasons = {
        code: _reason(code, labels_of(members.by_text[text])) for code, text in found.items()
    }
    return Carriers(found, reasons)


class _Reading:
    """Codes and members cut in one way, and the shapes in which members carry codes."""

    def __init__(
        self,
        labels: CutLabels,
        codes: Sequence[Code],
        members: Mapping[str, Member],
        known: Mapping[str, str],
    ) -> None:
        self._labels = labels
        self._cut = labels.cut
        self._known = known
        self._names = {code.code: words_of(code.name) for code in codes}
        self._members = members
        self._keys = self._only_keys(codes)
        cuts = [self._cut(code) for code in self._keys.values()]
        self._longest = max(map(len, cuts), default=0)
        self._hits: dict[Shape, Hits] = defaultdict(lambda: defaultdict(set))
        for label in labels.with_heads({head_of(parts[0]) for parts in cuts}):
            self._note(label)
        self._note_glued()

    def ranked(self) -> Iterator[list[Shape]]:
        """Yield the shapes that are believed, those first that mapped codes speak for."""
        ranks: list[list[Shape]] = [[], [], [], [], []]
        for shape, hits in self._hits.items():
            if len(hits) < LEAST_CODES and shape != ITSELF and not self._known.keys() & hits.keys():
                continue
            rank = self._rank(shape, hits)
            if rank is not None:
                ranks[rank].append(shape)
        yield from ranks

    def carried(self, shapes: Iterable[Shape], codes: set[str]) -> Hits:
        """Return which members carry which of the codes in one of these shapes."""
        carried: Hits = defaultdict(set)
        for shape in shapes:
            for code, texts in self._hits[shape].items():
                if code in codes:
                    carried[code] |= texts
        return carried

    def _only_keys(self, codes: Sequence[Code]) -> dict[str, str]:
        """Return the code of each key; codes that are read the same have none."""
        keys: dict[str, list[str]] = defaultdict(list)
        for code in codes:
            keys["".join(self._cut(code.code))].append(code.code)
        return {key: same[0] for key, same in keys.items() if key and len(same) == 1}

    def _note(self, label: Label) -> None:
        """Note every code that stands in a label, between its parts."""
        parts, text = label
        for start in range(len(parts)):
            for stop in range(start + 1, min(len(parts), start + self._longest) + 1):
                code = self._keys.get("".join(parts[start:stop]))
                if code is None:
                    continue
                before, after = "".join(parts[:start]), "".join(parts[stop:])
                self._hits[Shape(before, after)][code].add(text)
                if after:
                    self._hits[Shape(before, None)][code].add(text)
                if before:
                    self._hits[Shape(None, after)][code].add(text)

    def _note_glued(self) -> None:
        """Note the shapes of mapped codes that stand amid letters or digits of their member."""
        shapes = set()
        for key, code in self._keys.items():
            text = self._known.get(code, "")
            label = "".join(self._cut(text))
            if len(key) >= GLUED and key in label and text in self._members:
                before, _, after = label.partition(key)
                shapes.add(Shape(before, after))
        for shape in shapes - self._hits.keys():
            for key, code in self._keys.items():
                texts = self._labels.texts.get(f"{shape.before}{key}{shape.after}")
                if texts:
                    self._hits[shape][code].update(texts)

    def _rank(self, shape: Shape, hits: Hits) -> int | None:
        mapped = [code for code in hits if code in self._known]
        against = sum(self._known[code] not in hits[code] for code in mapped)
        if against * 2 < len(mapped):
            return 1 if None in shape else 0
        is_usual = len(hits) * 2 >= len(self._names)
        if against >= LEAST_CODES or (against and not is_usual):
            return None
        named, alike = self._compare_names(hits)
        if shape == ITSELF:
            is_other = named >= LEAST_NAMED and alike * LEAST_SHARE < named
            return None if is_other and not is_usual else 2
        if len(hits) < LEAST_CODES or len(hits) * LEAST_SHARE < len(self._names):
            return None
        if sum(len(code) <= SHORT for code in hits) * 2 > len(hits):
            is_believed = 0 < named <= alike * 2
        else:
            is_believed = is_usual or named < LEAST_CODES or named <= alike * 3
        if not is_believed:
            return None
        return 4 if None in shape else 3

    def _compare_names(self, hits: Hits) -> tuple[int, int]:
        """Return how many codes and members have names, and how many of those are alike."""
        named = alike = 0
        for code, texts in hits.items():
            mine, theirs = self._names[code], _name_beside(code, self._members[min(texts)])
            if len(texts) == 1 and mine and theirs:
                named += 1
                alike += fuzz.token_set_ratio(" ".join(mine), " ".join(theirs)) >= ALIKE
        return named, alike


def _name_beside(code: str, member: Member) -> list[str]:
    """Return the words of a member's name; beside a code, short words may be its affix."""
    words = [word for word in words_of(member.name or member.text) if not is_mark(word)]
    if member.name and code.casefold() not in member.name.casefold():
        return words
    return [word for word in words if len(word) > LONGEST_AFFIX and word not in LIGHT]


def _reason(code: str, labels: Sequence[str]) -> str:
    """Tell a code's affix; the one of the first label that shows it."""
    folded = code.strip().casefold()
    for label in labels:
        for shown in (folded, folded.lstrip("0")):
            before, found, after = label.casefold().partition(shown) if shown else ("", "", "")
            if found and len(before + found + after) == len(label):
                head = label[: len(before)].rstrip("0" if shown != folded else "")
                tail = label[len(label) - len(after) :] if after else ""
                affix = f"{head}…{'' if ' ' in tail else tail}"
                return "same code" if affix == "…" else f"same code as {affix}"
    return "same code"
