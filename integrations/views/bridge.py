"""The picture of the flow from QAD through the file to Anaplan, drawn from the totals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from integrations.selectors.tieouts import Total
from integrations.templatetags.amounts import format_measure

LANES_SHOWN = 8
PLACES = ("QAD", "Last sent", "Anaplan")
_WORST = ("good", "warn", "unknown", "bad")


@dataclass(frozen=True, slots=True)
class Box:
    """One of the three places."""

    x: int
    y: int
    width: int
    height: int
    title: str


@dataclass(frozen=True, slots=True)
class Text:
    """One piece of text; `kind` is its class in the style sheet."""

    x: int
    y: int
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Link:
    """One arrow between two places, with what is lost on the way."""

    x1: int
    y1: int
    x2: int
    y2: int
    tone: str


@dataclass(slots=True)
class Picture:
    """Shapes on a grid of `width` by `height`; `title` says the same in words."""

    width: int
    height: int
    kind: str
    title: str
    boxes: list[Box] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


def lane_name(total: Total) -> str:
    """Return the name of a total: "USD debit", "Quantity"."""
    return f"{total.currency} {total.measure}" if total.currency else total.measure.title()


def draw_bridge(totals: Sequence[Total]) -> list[Picture]:
    """Return the picture for wide and for narrow windows; none where nothing was compared."""
    if not totals:
        return []
    shown = totals[:LANES_SHOWN]
    return [_wide(shown, _title(totals)), _narrow(shown, _title(totals))]


def _title(totals: Sequence[Total]) -> str:
    equal = sum(1 for total in totals if total.figures.state == "equal")
    if equal == len(totals):
        return f"QAD, the files and Anaplan say the same: {equal} of {equal} totals are equal."
    return f"{equal} of {len(totals)} totals are the same in QAD, the files and Anaplan."


def _wide(totals: Sequence[Total], title: str) -> Picture:
    label, box, gap, head, lane = 116, 244, 176, 34, 30
    height = head + lane * len(totals) + 8
    picture = Picture(label + 3 * box + 2 * gap, height, "wide", title)
    lefts = [label + place * (box + gap) for place in range(3)]
    for left, name in zip(lefts, PLACES, strict=True):
        picture.boxes.append(Box(left, 1, box, height - 2, name))
        picture.texts.append(Text(left + 14, 23, name, "place"))
    for number, total in enumerate(totals):
        y = head + lane * number + 20
        picture.texts.append(Text(0, y, lane_name(total), "lane"))
        for left, amount in zip(lefts, _amounts(total), strict=True):
            picture.texts.append(Text(left + box - 14, y, amount, "amount"))
        for left, way in zip(lefts, _ways(total), strict=False):
            x = left + box
            picture.links.append(Link(x + 6, y - 4, x + gap - 10, y - 4, way.tone))
            picture.texts.append(Text(x + gap // 2, y - 10, way.words, f"loss {way.tone}"))
    return picture


def _narrow(totals: Sequence[Total], title: str) -> Picture:
    width, head, lane, gap = 340, 30, 24, 34
    box = head + lane * len(totals) + 6
    picture = Picture(width, 3 * box + 2 * gap, "narrow", title)
    for place, name in enumerate(PLACES):
        top = place * (box + gap)
        picture.boxes.append(Box(1, top + 1, width - 2, box - 2, name))
        picture.texts.append(Text(14, top + 21, name, "place"))
        for number, total in enumerate(totals):
            y = top + head + lane * number + 16
            picture.texts.append(Text(14, y, lane_name(total), "lane"))
            picture.texts.append(Text(width - 14, y, _amounts(total)[place], "amount"))
        if place < 2:
            lost = [way for way in (_ways(total)[place] for total in totals) if not way.is_equal]
            tone = max((way.tone for way in lost), key=_WORST.index, default="good")
            y = top + box
            picture.links.append(Link(28, y + 4, 28, y + gap - 7, tone))
            said = f"{len(lost)} of {len(totals)} totals differ" if lost else "all equal"
            picture.texts.append(Text(44, y + 22, said, f"note {tone}"))
    return picture


def _amounts(total: Total) -> tuple[str, str, str]:
    figures = total.figures
    values = (figures.source, figures.sent, figures.target)
    first, second, third = (format_measure(value, total.measure) for value in values)
    return first, second, third if figures.target is not None else "not read"


@dataclass(frozen=True, slots=True)
class _Way:
    """What happens to a total between two places; `lost` is None where it was not read."""

    lost: Decimal | None
    is_equal: bool
    is_explained: bool
    measure: str

    @property
    def tone(self) -> str:
        """The tone of its arrow: equal only where every line is, not their sum alone."""
        if self.lost is None:
            return "unknown"
        if self.is_equal:
            return "good"
        return "warn" if self.is_explained else "bad"

    @property
    def words(self) -> str:
        """What stands on its arrow."""
        if self.lost is None:
            return "not read"
        if not self.lost:
            return "equal" if self.is_equal else "equal in sum only"
        amount = format_measure(self.lost.copy_abs(), self.measure)
        return f"{amount} {'less' if self.lost > 0 else 'more'}"


def _ways(total: Total) -> tuple[_Way, _Way]:
    figures, measure = total.figures, total.measure
    is_explained = figures.state == "explained"
    is_sent, has_arrived = (
        count == figures.lines for count in (figures.sent_whole, figures.arrived)
    )
    return (
        _Way(figures.not_sent, is_sent, is_explained, measure),
        _Way(figures.not_arrived, has_arrived, is_explained, measure),
    )
