"""What each kind of difference between lists is called, and what it means."""

from typing import NamedTuple

from integrations.selectors.alignment import (
    DEACTIVATED,
    GONE,
    LOST,
    RENAMED,
    UNMAPPED,
    UNUSED,
)


class KindWords(NamedTuple):
    """The word of a kind, what it means for the data, and what is said where there is none."""

    word: str
    meaning: str
    nothing: str


KIND_WORDS = {
    LOST: KindWords(
        "Gone in Anaplan",
        "The mapping uses these members and the list does not have them: Anaplan refuses their "
        "rows. Map their codes elsewhere, or put the members back.",
        "The list has every member that the mapping uses.",
    ),
    GONE: KindWords(
        "Gone in QAD",
        "QAD no longer lists these codes. What was loaded on them stays in Anaplan.",
        "QAD still lists every code that it ever had.",
    ),
    DEACTIVATED: KindWords(
        "Switched off in QAD",
        "Nothing new is posted on these codes; what was posted is loaded as before.",
        "No code was switched off.",
    ),
    RENAMED: KindWords(
        "Renamed in QAD",
        "A code is mapped by itself, so a new name changes no cell.",
        "No code was renamed.",
    ),
    UNMAPPED: KindWords(
        "Codes without a member",
        "No rule holds these codes. As soon as something is posted on one, its rows are held.",
        "A rule holds every active code.",
    ),
    UNUSED: KindWords(
        "Members without a code",
        "No rule leads to these members. That may be right: plans and totals have members of "
        "their own.",
        "A rule leads to every member that is no parent of others.",
    ),
}
