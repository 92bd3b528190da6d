"""How finance and factories shorten words."""

WORDS = {
    "acc": "accumulated", "accr": "accrual", "accrued": "accrual", "acct": "account",
    "acctg": "accounting", "accum": "accumulated", "addl": "additional", "adm": "administration",
    "admin": "administration", "administrative": "administration", "adv": "advertising",
    "amort": "amortization", "amortisation": "amortization", "ap": "account payable",
    "apic": "additional paid in capital", "ar": "account receivable", "bldg": "building",
    "centre": "center", "cip": "construction in progress", "cogs": "cost good sold",
    "comp": "compensation", "corp": "corporate", "ctr": "center", "ctrl": "control",
    "cust": "customer", "dep": "depreciation", "depr": "depreciation", "deprn": "depreciation",
    "dept": "department", "dist": "distribution", "eight": "8", "eng": "engineering",
    "engr": "engineering", "eqpt": "equipment", "equip": "equipment", "exp": "expense",
    "fg": "finished good", "fin": "finance", "five": "5", "four": "4", "frt": "freight",
    "ft": "foot", "furn": "furniture", "fx": "foreign exchange", "gd": "good", "hq": "headquarters",
    "hr": "human resource", "hw": "hardware", "ic": "intercompany", "ico": "intercompany",
    "ii": "2", "iii": "3", "inc": "income", "info": "information", "ins": "insurance",
    "int": "interest", "interco": "intercompany", "intl": "international", "inv": "inventory",
    "it": "information technology", "iv": "4", "labour": "labor", "liab": "liability",
    "lt": "long term", "mach": "machinery", "maint": "maintenance", "manufacture": "manufacturing",
    "mat": "material", "matl": "material", "mfg": "manufacturing", "mgmt": "management",
    "mgt": "management", "misc": "miscellaneous", "mkt": "marketing", "mktg": "marketing",
    "nine": "9", "one": "1", "ops": "operation", "ovhd": "overhead", "ppd": "prepaid",
    "ppv": "purchase price variance", "prof": "professional", "programme": "program",
    "qa": "quality assurance", "qc": "quality control", "rev": "revenue", "rm": "raw material",
    "sal": "salary", "seven": "7", "six": "6", "sq": "square", "st": "short term",
    "std": "standard", "svc": "service", "sw": "software", "tel": "telephone", "temp": "temporary",
    "three": "3", "two": "2", "uk": "united kingdom", "util": "utility", "var": "variance",
    "whse": "warehouse", "wip": "work in process",
}  # fmt: skip
"""One word, as it is stemmed, for each short one; all in small letters."""

PHRASES = {
    ("a", "p"): "account payable",
    ("a", "r"): "account receivable",
    ("d", "a"): "depreciation amortization",
    ("g", "a"): "general administration",
    ("i", "t"): "information technology",
    ("r", "d"): "research development",
    ("t", "e"): "travel entertainment",
    ("p", "p", "e"): "property plant equipment",
    ("pp", "e"): "property plant equipment",
    ("s", "g", "a"): "selling general administration",
    ("sg", "a"): "selling general administration",
}
"""Letters that stand beside each other, as in A/P or R&D."""

EMPTY = frozenset(["and", "of", "the", "for", "on", "at", "by", "with", "or", "an"])
"""Words that tell nothing of what a name means."""

LEGAL = frozenset(["gmbh", "ag", "ltd", "limited", "llc", "sa", "pty", "bv", "plc", "sarl", "srl"])
"""Forms of companies."""

LIGHT = frozenset(
    [
        *("account", "center", "charge", "cost", "department", "division", "expense", "fee"),
        *("from", "group", "in", "office", "team", "to", "total", "unit"),
        *LEGAL,
    ]
)
"""Words that many names have and others leave out."""

APART = frozenset(["northeast", "northwest", "southeast", "southwest"])
"""Words that look alike and are never one for the other."""

_OPPOSED = (
    ("asset", "liability"), ("debit", "credit"), ("direct", "indirect"), ("domestic", "export"),
    ("from", "to"), ("gain", "loss"), ("in", "out"), ("inbound", "outbound"),
    ("income", "expense"), ("input", "output"), ("internal", "external"), ("long", "short"),
    ("payable", "receivable"), ("realized", "unrealized"), ("revenue", "expense"),
)  # fmt: skip
OPPOSED = frozenset(_OPPOSED) | {(second, first) for first, second in _OPPOSED}
"""Pairs of words of which one is never the other, however much else is equal."""
