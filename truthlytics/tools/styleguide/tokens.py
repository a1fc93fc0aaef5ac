"""Colours of `tokens.css` by role, in light and dark mode, and their contrast according to WCAG 2.2."""

from dataclasses import dataclass

from truthlytics.publication.colours import contrast, schemes

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
