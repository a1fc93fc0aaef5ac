"""Colours of `tokens.css` by role, contrast according to WCAG 2.2, and the stylesheet of the publication's accent."""

import colorsys
import re
from functools import cache
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

TOKENS = Path(__file__).parent.parent / "static" / "css" / "tokens.css"
TEXT_CONTRAST = 4.5
# The backgrounds on which text has the accent colour. Text on the accent colour has the colour of the page.
BACKGROUNDS = ("page", "tint", "leaf")
# How much the stronger accent, for buttons under the pointer, is mixed with black or white.
STRONGER = 0.25
STEPS = 200
COLOUR = re.compile(r"#[0-9a-f]{6}")
_RAW = re.compile(r"--(raw-[\w-]+):\s*(#[0-9a-f]{6})")
_ROLE = re.compile(r"--([\w-]+):\s*light-dark\(var\(--(raw-[\w-]+)\), var\(--(raw-[\w-]+)\)\)")

Scheme = dict[str, str]


@cache
def schemes() -> tuple[Scheme, Scheme]:
    """Return the colours by role, as #rrggbb, in light and in dark mode."""
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
    shades = (colorsys.hls_to_rgb(hue, start + (end - start) * step / STEPS, saturation) for step in range(STEPS + 1))
    return next(shade for parts in shades if lowest_contrast(shade := _hex(parts), scheme) >= TEXT_CONTRAST)


def clean_colour(colour: str, scheme: Scheme, where: str) -> str:
    """Return `colour` as #rrggbb. If text in it would be too faint, ValidationError names the nearest better one."""
    colour = colour.strip().lower()
    if not colour:
        return ""
    colour = colour if colour.startswith("#") else f"#{colour}"
    if len(colour) == 4:
        colour = "#" + "".join(2 * digit for digit in colour[1:])
    if not COLOUR.fullmatch(colour):
        raise ValidationError(_("Enter a colour as # and six digits, as in #0f5c47."))
    found = lowest_contrast(colour, scheme)
    if found < TEXT_CONTRAST:
        message = _(
            "Text in this colour is too hard to read %(where)s: its contrast is %(found)s, and %(needed)s is needed. "
            "The nearest colour that works is %(nearest)s."
        )
        facts = {"where": where, "found": found, "needed": TEXT_CONTRAST, "nearest": nearest_readable(colour, scheme)}
        raise ValidationError(message % facts)
    return colour


def theme_css(accent: str, accent_in_dark: str, scope: str = ":root") -> str:
    """Return the stylesheet that replaces the accent colour in `scope` on screens. Print is black."""
    light, dark = schemes()
    roles = {
        "accent": (accent, accent_in_dark),
        "accent-strong": (_stronger(accent, "#000000"), _stronger(accent_in_dark, "#ffffff")),
        "on-accent": (light["page"], dark["page"]),
    }
    declarations = " ".join(f"--{role}: light-dark({', '.join(pair)});" for role, pair in roles.items())
    return f"@media screen {{ {scope} {{ {declarations} }} }}\n"


def _stronger(colour: str, towards: str) -> str:
    mixed = zip(_parts(colour), _parts(towards), strict=True)
    return _hex(tuple(part + (end - part) * STRONGER for part, end in mixed))


def _parts(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))


def _hex(parts: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _luminance(colour: str) -> float:
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
