"""How right suggestions for a mapping are, and how fast, beside names compared all with all.

Precision is the share of suggestions that are right; recall the share of codes with a right
member for which it was suggested. Both count scores from a threshold on.
"""

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process, utils

from benchmarks.labelled import Labelled, iter_labelled
from benchmarks.machine import describe_machine
from benchmarks.orders import peak_megabytes
from integrations.pipeline.suggestions import Code, Member, Suggestion, suggest

THRESHOLDS = (50, 70, 90)
SURE, GOAL = 90, 0.99
OURS, PEER = "ml-connector", "all pairs by rapidfuzz"
DIFFLIB_SAMPLE = 10
Suggester = Callable[[Labelled], Iterable[Suggestion]]


class Judged(NamedTuple):
    """What became of a code: the suggestion's score, whether it was right, and could have been."""

    score: int
    is_right: bool
    has_member: bool


def main(arguments: Sequence[str]) -> int:
    """Measure as the command line says; returns 1 when sure suggestions are wrong too often."""
    options = _parse(arguments)
    found = {OURS: _judge(_suggest), PEER: _judge(_compare_all)}
    result: dict[str, Any] = {
        "machine": describe_machine(),
        "settings": {name: value for name, value in vars(options).items() if name != "json"},
        "quality": {
            side: {half: _rates(judged) for half, judged in halves.items()}
            for side, halves in found.items()
        },
        "goal": GOAL,
        "speed": _measure_speed(options.codes, options.members),
    }
    print(json.dumps(result, indent=2) if options.json else _describe(result))
    sure = [rates[str(SURE)]["precision"] for rates in result["quality"][OURS].values()]
    return 0 if min(sure) >= GOAL else 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py bench suggestions", description=__doc__)
    parser.add_argument("--codes", type=int, default=900)
    parser.add_argument("--members", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def _judge(suggester: Suggester) -> dict[str, list[Judged]]:
    """Let one side suggest for every list, and look at each code; by the half of the lists."""
    judged: dict[str, list[Judged]] = defaultdict(list)
    for labelled in iter_labelled():
        found = {item.code: item for item in suggester(labelled)}
        for code, right in labelled.right.items():
            item = found.get(code)
            is_right = item is not None and item.member == right
            judged[labelled.half].append(Judged(item.score if item else -1, is_right, bool(right)))
    return judged


def _suggest(labelled: Labelled) -> list[Suggestion]:
    return suggest(labelled.codes, labelled.members, labelled.known, least=0)


def _compare_all(labelled: Labelled) -> list[Suggestion]:
    """Suggest the member whose name rapidfuzz finds most alike, its words in any order."""
    names = {member.text: member.name or member.text for member in labelled.members}
    found = []
    for code in labelled.codes:
        _, score, text = process.extractOne(
            code.name, names, scorer=fuzz.token_sort_ratio, processor=utils.default_process
        )
        found.append(Suggestion(code.code, text, int(score), "name"))
    return found


def _rates(judged: Sequence[Judged]) -> dict[str, dict[str, float]]:
    possible = sum(item.has_member for item in judged)
    rates = {}
    for threshold in THRESHOLDS:
        made = [item for item in judged if item.score >= threshold]
        right = sum(item.is_right for item in made)
        rates[str(threshold)] = {
            "codes": len(judged),
            "suggested": len(made),
            "right": right,
            "precision": right / len(made) if made else 1.0,
            "recall": right / possible,
        }
    return rates


def _measure_speed(codes: int, members: int) -> dict[str, float]:
    """Time both sides on a made-up list; difflib on a few of its codes, counted up to all."""
    made = _make_list(codes, members)
    seconds = {}
    for side, suggester in ((OURS, _suggest), (PEER, _compare_all)):
        began = time.perf_counter()
        for _ in suggester(made):
            pass
        seconds[side] = time.perf_counter() - began
    sample = made.codes[:DIFFLIB_SAMPLE]
    began = time.perf_counter()
    for code in sample:
        max(SequenceMatcher(None, code.name, member.name).ratio() for member in made.members)
    difflib = (time.perf_counter() - began) * codes / len(sample)
    return {
        "seconds": seconds[OURS],
        "rapidfuzz_seconds": seconds[PEER],
        "difflib_seconds": difflib,
        "ratio_to_rapidfuzz": seconds[PEER] / seconds[OURS],
        "ratio_to_difflib": difflib / seconds[OURS],
        "peak_mb": peak_megabytes(),
    }


def _make_list(codes: int, members: int) -> Labelled:
    """Make names of two to four words of the lists, and codes with such names, some shortened."""
    chance = random.Random(1)
    names = (member.name for labelled in iter_labelled() for member in labelled.members)
    words = sorted({word for name in names for word in name.split() if word.isalpha()})
    made: dict[str, None] = {}
    while len(made) < members:
        made[" ".join(chance.sample(words, chance.choice((2, 3, 3, 4))))] = None
    listed = [Member(f"M{place:05}", f"M{place:05}", name) for place, name in enumerate(made)]
    asked = []
    for place in range(codes):
        name = chance.choice(listed).name.split()
        chance.shuffle(name)
        if chance.random() < 0.5:
            name[0] = name[0][:4]
        asked.append(Code(f"{100_000 + 7 * place}", " ".join(name)))
    return Labelled("made up", asked, listed, {}, {})


def _describe(result: dict[str, Any]) -> str:
    machine, speed = result["machine"], result["speed"]
    lines = [
        f"{machine['processor']}, {machine['memory']}, {machine['system']}",
        f"Python {machine['python']}",
        ", ".join(f"{name} {value}" for name, value in result["settings"].items()),
    ]
    for side, halves in result["quality"].items():
        lines += ["", side]
        lines += [
            f"    {half:<32} score {threshold:>3}: precision {found['precision']:.3f}, recall "
            f"{found['recall']:.3f} ({found['right']} right of {found['suggested']}, "
            f"{found['codes']} codes)"
            for half, rates in halves.items()
            for threshold, found in rates.items()
        ]
    settings = result["settings"]
    lines += [
        "",
        f"{settings['codes']:,} codes against {settings['members']:,} members: "
        f"{speed['seconds']:.2f} s, peak {speed['peak_mb']:.0f} MB; all pairs by rapidfuzz "
        f"{speed['rapidfuzz_seconds']:.2f} s ({speed['ratio_to_rapidfuzz']:.1f} times), by difflib "
        f"{speed['difflib_seconds']:.0f} s ({speed['ratio_to_difflib']:.0f} times).",
    ]
    return "\n".join(lines)
