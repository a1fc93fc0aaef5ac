"""Colours of `tokens.css` by role, contrast according to WCAG 2.2, and the stylesheet of the publication's accent."""

import colorsys
import re
from functools import lru_cache
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _

TOKENS = Path(__file__).parent.parent / "static" / "css" / "tokens.css"
TEXT_CONTRAST = 4.5
# The backgrounds on which text has the accent colour. Text on the accent colour has the colour of the page.
BACKGROUNDS = ("page", "tint", "leaf")
# How much the stronger accent, for buttons under the pointer, is mixed with black or white.
STRONGER = 0.25
STEPS = 200
# What is written on those backgrounds besides links.
INKS = ("text", "text-soft", "text-faint", "signal")
# How much a paper colour is mixed with the colour of text for backgrounds, rules and borders, in light and dark mode.
PAPER_MIXES = {"page": (0, 0), "tint": (0.035, 0.05), "leaf": (0.06, 0.09), "hair": (0.18, 0.17), "edge": (0.53, 0.5)}
# In dark mode, the lightness of a paper and the part of its saturation that is kept.
DARK_LIGHTNESS, DARK_SATURATION = 0.075, 0.2
COLOUR = re.compile(r"#[0-9a-f]{6}")
_RAW = re.compile(r"--(raw-[\w-]+):\s*(#[0-9a-f]{6})")
_ROLE = re.compile(r"--([\w-]+):\s*light-dark\(var\(--(raw-[\w-]+)\), var\(--(raw-[\w-]+)\)\)")

Scheme = dict[str, str]
Pair = tuple[str, str]


@lru_cache(32)
def schemes(paper: str = "") -> tuple[Scheme, Scheme]:
    """Return the colours by role, as #rrggbb, in light and in dark mode, on the paper colour or the site's own."""
    if paper:
        light, dark = schemes()
        pairs = paper_roles(paper).items()
        return light | {role: pair[0] for role, pair in pairs}, dark | {role: pair[1] for role, pair in pairs}
    css = TOKENS.read_text(encoding="utf-8")
    raw = dict(_RAW.findall(css))
    roles = _ROLE.findall(css)
    if not roles:
        raise ValueError("tokens.css has no colours for the light and dark themes.")
    return {role: raw[light] for role, light, _ in roles}, {role: raw[dark] for role, _, dark in roles}


def contrast(colour: str, other: str) -> float:
    """Return the contrast ratio, from 1 to 21, rounded down to one decimal."""
    light, dark = sorted((_luminance(colour), _luminance(other)), reverse=True)
    return int((light + 0.05) / (dark + 0.05) * 10) / 10


def lowest_contrast(colour: str, scheme: Scheme) -> float:
    """Return the contrast of text in `colour` on the background of `scheme` on which it is hardest to read."""
    return min(contrast(colour, scheme[role]) for role in BACKGROUNDS)


def nearest_readable(colour: str, scheme: Scheme) -> str:
    """Return `colour`, darker (on a light page) or lighter (on a dark one) by as little as text needs."""
    end = 0.0 if _luminance(scheme["page"]) > 0.5 else 1.0
    hue, start, saturation = colorsys.rgb_to_hls(*_parts(colour))
    shades = (_shade(hue, start + (end - start) * step / STEPS, saturation) for step in range(STEPS + 1))
    return next(shade for shade in shades if lowest_contrast(shade, scheme) >= TEXT_CONTRAST)


def clean_colour(colour: str, scheme: Scheme, where: str) -> str:
    """Return `colour` as #rrggbb. If text in it would be too faint, ValidationError names the nearest better one."""
    colour = _normalised(colour)
    found = lowest_contrast(colour, scheme) if colour else TEXT_CONTRAST
    if found < TEXT_CONTRAST:
        message = _(
            "Text in this colour is too hard to read %(where)s: its contrast is %(found)s, and %(needed)s is needed. "
            "The nearest colour that works is %(nearest)s."
        )
        facts = _ratios(found) | {"where": where, "nearest": nearest_readable(colour, scheme)}
        raise ValidationError(message % facts)
    return colour


def clean_paper(colour: str) -> str:
    """Return `colour` as #rrggbb. If text on it would be too faint, ValidationError names the nearest lighter one."""
    colour = _normalised(colour)
    if colour and (found := paper_contrast(colour)) < TEXT_CONTRAST:
        hue, start, saturation = colorsys.rgb_to_hls(*_parts(colour))
        papers = (_shade(hue, start + (1 - start) * step / STEPS, saturation) for step in range(STEPS + 1))
        message = _(
            "Text on this colour is too hard to read: its contrast is %(found)s, and %(needed)s is needed. "
            "The nearest colour that works is %(nearest)s."
        )
        nearest = next(paper for paper in papers if paper_contrast(paper) >= TEXT_CONTRAST)
        raise ValidationError(message % (_ratios(found) | {"nearest": nearest}))
    return colour


def _ratios(found: float) -> dict[str, str]:
    """Return both contrasts as the language writes them, such as “3,9”."""
    return {"found": number_format(found, 1), "needed": number_format(TEXT_CONTRAST, 1)}


def paper_contrast(paper: str) -> float:
    """Return the contrast of the text that is hardest to read on `paper` and what is derived from it."""
    return min(lowest_contrast(scheme[ink], scheme) for scheme in schemes(paper) for ink in INKS)


def paper_roles(paper: str) -> dict[str, Pair]:
    """Return the colours in light and in dark mode of the roles that follow from a paper colour."""
    light, dark = schemes()
    hue, _lightness, saturation = colorsys.rgb_to_hls(*_parts(paper))
    night = _shade(hue, DARK_LIGHTNESS, saturation * DARK_SATURATION)
    return {
        role: (_mixed(paper, light["text"], by_day), _mixed(night, dark["text"], by_night))
        for role, (by_day, by_night) in PAPER_MIXES.items()
    }


def accent_pair(accent: str, accent_in_dark: str, paper: str = "") -> Pair:
    """Return the accent colour in light and in dark mode, where "" is the site's own or follows from the other."""
    light, dark = schemes(paper)
    if not accent:
        return light["accent"], dark["accent"]
    return accent, accent_in_dark or nearest_readable(accent, dark)


def accent_roles(accent: str, accent_in_dark: str, paper: str = "") -> dict[str, Pair]:
    """Return the colours in light and in dark mode of the roles that follow from an accent colour."""
    light, dark = schemes(paper)
    return {
        "accent": (accent, accent_in_dark),
        "accent-strong": (_mixed(accent, "#000000", STRONGER), _mixed(accent_in_dark, "#ffffff", STRONGER)),
        "on-accent": (light["page"], dark["page"]),
    }


def declarations(roles: dict[str, Pair]) -> str:
    """Return CSS that sets the custom properties of `roles`."""
    return " ".join(f"--{role}: light-dark({', '.join(pair)});" for role, pair in roles.items())


def theme_css(accent: str, accent_in_dark: str, scope: str = ":root") -> str:
    """Return the stylesheet that replaces the accent colour in `scope` on screens. Print is black."""
    return f"@media screen {{ {scope} {{ {declarations(accent_roles(accent, accent_in_dark))} }} }}\n"


def _normalised(colour: str) -> str:
    """Return what was typed as #rrggbb, or "". Raises ValidationError if it is no colour."""
    colour = colour.strip().lower()
    if not colour:
        return ""
    colour = colour if colour.startswith("#") else f"#{colour}"
    if len(colour) == 4:
        colour = "#" + "".join(2 * digit for digit in colour[1:])
    if not COLOUR.fullmatch(colour):
        raise ValidationError(_("Enter a colour as # and six digits, as in #0f5c47."))
    return colour


def _mixed(colour: str, other: str, share: float) -> str:
    mixed = zip(_parts(colour), _parts(other), strict=True)
    return _hex(tuple(part + (end - part) * share for part, end in mixed))


def _shade(hue: float, lightness: float, saturation: float) -> str:
    return _hex(colorsys.hls_to_rgb(hue, lightness, saturation))


def _parts(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))


def _hex(parts: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _luminance(colour: str) -> float:
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
