"""Keys and parts of rules as texts without tabs and line ends, as a page carries them."""

import json
from decimal import Decimal, InvalidOperation
from urllib.parse import quote, unquote

from integrations.pipeline.mapping_changes import Parts, parts_from_json, parts_to_json
from integrations.pipeline.rules import WHOLE, RuleKey

LONGEST_WEIGHT = 20


def key_to_text(key: RuleKey) -> str:
    """Return a key as one text, its pieces between bars."""
    return "|".join(quote(piece, safe="") for piece in key)


def key_from_text(text: str) -> RuleKey | None:
    """Return the key that a text stands for; None where it is none."""
    pieces = [unquote(piece) for piece in text.split("|")]
    if len(pieces) != len(RuleKey._fields) or any("\0" in piece for piece in pieces):
        return None
    return RuleKey(*pieces)


def parts_to_text(parts: Parts) -> str:
    """Return parts as JSON in one line."""
    return json.dumps(parts_to_json(parts), separators=(",", ":"))


def parts_from_text(text: str) -> Parts | None:
    """Return the parts that a text stands for; None where it is none."""
    try:
        parts = parts_from_json(json.loads(text, parse_float=Decimal))
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation, RecursionError):
        return None
    is_sound = all(
        isinstance(part.member, str)
        and "\0" not in part.member
        and _is_share(part.weight)
        and all(period is None or type(period) is int for period in part[2:])
        for part in parts
    )
    return parts if is_sound else None


def _is_share(weight: Decimal) -> bool:
    """Whether it may be a weight: written out, 1e-999999999 would fill the memory."""
    exponent = weight.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -LONGEST_WEIGHT and 0 < weight <= WHOLE
