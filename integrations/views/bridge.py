"""The picture of the flow from QAD through the file to Anaplan, drawn from the totals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from integrations.selectors.figures import Figures
from integrations.templatetags.amounts import format_measure

LANES_SHOWN = 8
PLACES = ("QAD", "Last sent", "Anaplan")


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


def lane_name(figures: Figures) -> str:
    """Return the name of a total: "USD debit", "Quantity"."""
    return f"{figures.currency} {figures.measure}" if figures.currency else figures.measure.title()


def draw_bridge(totals: Sequence[Figures]) -> list[Picture]:
    """Return the picture for wide and for narrow windows; none where nothing was compared."""
    if not totals:
        return []
    shown = totals[:LANES_SHOWN]
    return [_wide(shown, _title(totals)), _narrow(shown, _title(totals))]


def _title(totals: Sequence[Figures]) -> str:
    equal = sum(1 for figures in totals if figures.state == "equal")
    if equal == len(totals):
        return f"QAD, the files and Anaplan say the same in all {equal} totals."
    return f"{equal} of {len(totals)} totals are the same in QAD, the files and Anaplan."


def _wide(totals: Sequence[Figures], title: str) -> Picture:
    label, box, gap, head, lane = 116, 244, 176, 34, 30
    height = head + lane * len(totals) + 8
    picture = Picture(label + 3 * box + 2 * gap, height, "wide", title)
    lefts = [label + place * (box + gap) for place in range(3)]
    for left, name in zip(lefts, PLACES, strict=True):
        picture.boxes.append(Box(left, 1, box, height - 2, name))
        picture.texts.append(Text(left + 14, 23, name, "place"))
    for number, figures in enumerate(totals):
        y = head + lane * number + 20
        picture.texts.append(Text(0, y, lane_name(figures), "lane"))
        for left, amount in zip(lefts, _amounts(figures), strict=True):
            picture.texts.append(Text(left + box - 14, y, amount, "amount"))
        for left, lost in zip(lefts, _losses(figures), strict=False):
            x = left + box
            tone = _tone(figures, lost)
            picture.links.append(Link(x + 6, y - 4, x + gap - 10, y - 4, tone))
            text = _lost(lost, figures.measure)
            picture.texts.append(Text(x + gap // 2, y - 10, text, f"loss {tone}"))
    return picture


def _narrow(totals: Sequence[Figures], title: str) -> Picture:
    width, head, lane, gap = 340, 30, 24, 34
    box = head + lane * len(totals) + 6
    picture = Picture(width, 3 * box + 2 * gap, "narrow", title)
    for place, name in enumerate(PLACES):
        top = place * (box + gap)
        picture.boxes.append(Box(1, top + 1, width - 2, box - 2, name))
        picture.texts.append(Text(14, top + 21, name, "place"))
        for number, figures in enumerate(totals):
            y = top + head + lane * number + 16
            picture.texts.append(Text(14, y, lane_name(figures), "lane"))
            picture.texts.append(Text(width - 14, y, _amounts(figures)[place], "amount"))
        if place < 2:
            losses = [(figures, _losses(figures)[place]) for figures in totals]
            lost = [pair for pair in losses if pair[1] is None or pair[1]]
            tone = _tone(*lost[0]) if lost else "good"
            y = top + box
            picture.links.append(Link(28, y + 4, 28, y + gap - 7, tone))
            said = f"{len(lost)} of {len(totals)} totals differ" if lost else "all equal"
            picture.texts.append(Text(44, y + 22, said, f"note {tone}"))
    return picture


def _amounts(figures: Figures) -> tuple[str, str, str]:
    values = (figures.source, figures.sent, figures.target)
    first, second, third = (format_measure(value, figures.measure) for value in values)
    return first, second, third if figures.target is not None else "not read"


def _losses(figures: Figures) -> tuple[Decimal, Decimal | None]:
    return figures.not_sent, figures.not_arrived


def _tone(figures: Figures, lost: Decimal | None) -> str:
    if lost is None:
        return "unknown"
    if not lost:
        return "good" if figures.state in ("equal", "explained") else "bad"
    return "warn" if figures.state == "explained" else "bad"


def _lost(lost: Decimal | None, measure: str) -> str:
    if lost is None:
        return "not read"
    if not lost:
        return "equal"
    return f"{format_measure(lost.copy_abs(), measure)} {'less' if lost > 0 else 'more'}"
