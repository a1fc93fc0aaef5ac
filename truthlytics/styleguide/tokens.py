"""Colours of `tokens.css` by role, in light and dark mode, and their contrast according to WCAG 2.2."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOKENS = Path(__file__).parent.parent / "static" / "css" / "tokens.css"
TEXT, CONTROL = 4.5, 3.0
# Foreground, background and minimum contrast.
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
    """A foreground and a background colour with their contrast ratios."""

    foreground: str
    background: str
    minimum: float
    light: float
    dark: float

    @property
    def passes(self) -> bool:
        return min(self.light, self.dark) >= self.minimum


@cache
def schemes() -> tuple[dict[str, str], dict[str, str]]:
    """Return the colours by role, as #rrggbb, in light and in dark mode."""
    css = TOKENS.read_text(encoding="utf-8")
    raw = dict(_RAW.findall(css))
    light_block = re.search(r':root, \[data-theme="light"\] \{(.*?)\}', css, re.DOTALL)
    dark_block = re.search(r'\n\[data-theme="dark"\] \{(.*?)\}', css, re.DOTALL)
    if light_block is None or dark_block is None:
        raise ValueError("tokens.css has no blocks for the light and dark themes.")
    light, dark = ({role: raw[name] for role, name in _ROLE.findall(block[1])} for block in (light_block, dark_block))
    return light, dark


def pairs() -> list[Pair]:
    light, dark = schemes()
    return [
        Pair(
            foreground,
            background,
            minimum,
            contrast(light[foreground], light[background]),
            contrast(dark[foreground], dark[background]),
        )
        for foreground, background, minimum in PAIRS
    ]


def contrast(colour: str, other: str) -> float:
    """Return the contrast ratio, from 1 to 21, rounded down to one decimal."""
    light, dark = sorted((_luminance(colour), _luminance(other)), reverse=True)
    return int((light + 0.05) / (dark + 0.05) * 10) / 10


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
