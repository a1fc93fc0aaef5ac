"""The colours of `tokens.css` by role, day and night, with the contrast that each pair has after WCAG 2.2."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOKENS = Path(__file__).parent.parent / "static" / "css" / "tokens.css"
TEXT, CONTROL = 4.5, 3.0
# What stands on what, and how much it must stand out: text 4.5, edges and signs 3.
PAIRS = [
    ("text", "page", TEXT), ("text-soft", "page", TEXT), ("text-faint", "page", TEXT), ("accent", "page", TEXT),
    ("accent-strong", "page", TEXT), ("signal", "page", TEXT), ("edge", "page", CONTROL), ("on-accent", "accent", TEXT),
    ("on-accent", "accent-strong", TEXT), ("text", "tint", TEXT), ("text-soft", "tint", TEXT),
    ("text-faint", "tint", TEXT), ("accent", "tint", TEXT), ("signal", "tint", TEXT), ("text", "leaf", TEXT),
    ("text-soft", "leaf", TEXT), ("accent", "leaf", TEXT), ("signal", "signal-wash", TEXT), ("text", "added", TEXT),
]  # fmt: skip
STEPS = ["step--2", "step--1", "step-0", "step-1", "step-2", "step-3", "step-4", "step-5"]
_RAW = re.compile(r"--(raw-[\w-]+):\s*(#[0-9a-f]{6})")
_ROLE = re.compile(r"--([\w-]+):\s*var\(--(raw-[\w-]+)\)")


@dataclass(frozen=True, slots=True)
class Pair:
    """`day` and `night` are ratios; `wanted` is the least that each may be."""

    over: str
    under: str
    wanted: float
    day: float
    night: float

    @property
    def holds(self) -> bool:
        return min(self.day, self.night) >= self.wanted


@cache
def schemes() -> tuple[dict[str, str], dict[str, str]]:
    """The roles by day and by night, each as #rrggbb."""
    css = TOKENS.read_text(encoding="utf-8")
    raw = dict(_RAW.findall(css))
    day = re.search(r':root, \[data-theme="light"\] \{(.*?)\}', css, re.DOTALL)
    night = re.search(r'\n\[data-theme="dark"\] \{(.*?)\}', css, re.DOTALL)
    if day is None or night is None:
        raise ValueError("tokens.css no longer says which colours are for the day and which for the night.")
    by_day, by_night = ({role: raw[name] for role, name in _ROLE.findall(block[1])} for block in (day, night))
    return by_day, by_night


def pairs() -> list[Pair]:
    day, night = schemes()
    return [
        Pair(over, under, wanted, contrast(day[over], day[under]), contrast(night[over], night[under]))
        for over, under, wanted in PAIRS
    ]


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, from 1 to 21, cut to one decimal: rounding up would pass what fails."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return int((light + 0.05) / (dark + 0.05) * 10) / 10


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
