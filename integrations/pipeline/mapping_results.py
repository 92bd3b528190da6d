"""What a mapping file would change: key by key, against what the mapping has."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from integrations.pipeline.mapping_changes import Part, Parts, same_parts
from integrations.pipeline.mapping_sheets import MappingSheet
from integrations.pipeline.rules import RuleKey


class KeyResult(NamedTuple):
    """What becomes of one key: it is new, changed or removed."""

    word: str
    line: int | None
    key: RuleKey
    before: Parts
    after: Parts


@dataclass(slots=True)
class SheetResult:
    """What changes, and how many keys stay the same or are left blank."""

    changes: list[KeyResult] = field(default_factory=list)
    same: int = 0
    blank: int = 0

    def counts(self) -> Counter[str]:
        """Return how many keys are new, changed and removed."""
        return Counter(change.word for change in self.changes)

    def digest(self) -> str:
        """Return what tells these changes from others, values before them included."""
        found = hashlib.sha256()
        for change in self.changes:
            found.update(repr((change.key, change.before, change.after)).encode())
        return found.hexdigest()


def compare_sheet(
    sheet: MappingSheet,
    parts_of: Callable[[RuleKey], Parts],
    keys: Iterable[RuleKey],
    *,
    replaces: bool,
) -> SheetResult:
    """Compare a file with the mapping, whose keys are `keys`.

    Where the file replaces, keys that it does not name are removed from the dimensions of its
    rules. A key that is left blank stays as it is; and so do all where lines have errors, since
    such a line may name any.
    """
    named = sheet.by_key()
    blank = {key for _, key in sheet.blank} - named.keys()
    result = SheetResult(blank=len(blank))
    for key, lines in named.items():
        rules = (rule for _, rule in lines)
        after = tuple(Part(rule.member, *rule[6:]) for rule in rules)
        before = parts_of(key)
        if same_parts(before, after):
            result.same += 1
        else:
            word = "changed" if before else "new"
            result.changes.append(KeyResult(word, lines[0][0], key, before, after))
    if replaces and not sheet.error_count:
        whole = {key.dimension for key in named}
        for key in keys:
            is_gone = key.dimension in whole and key not in named and key not in blank
            if is_gone and parts_of(key):
                result.changes.append(KeyResult("removed", None, key, parts_of(key), ()))
    return result
