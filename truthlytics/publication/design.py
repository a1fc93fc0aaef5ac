"""The design that publishers choose: options, colours and additional CSS, and the one style sheet made of them.

The default of every option is the site's own look and adds nothing to pages. The CSS of the others is in `options/`,
one file each, named `<field>-<value>.css`.
"""

import hashlib
import re
from dataclasses import asdict, dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from truthlytics.publication.colours import COLOUR, accent_pair, accent_roles, declarations, paper_roles
from truthlytics.web.css import minify
from truthlytics.web.lazy_import import LazyModule
from truthlytics.web.types import JsonObject

if TYPE_CHECKING:
    from truthlytics.publication.models import Publication

# Loads tinycss2.
additional_css = LazyModule("truthlytics.publication.additional_css")

FOLDER = Path(__file__).parent / "options"
FONT = re.compile(r'url\("(fonts/[\w-]+\.woff2)"\)')
# The first value of each option is the site's own look.
OPTIONS: dict[str, dict[str, str | Promise]] = {
    "typefaces": {
        "ledger": _("Ledger Serif and Public Sans"),
        "newsreader": _("Newsreader and Public Sans"),
        "literata": _("Literata and Public Sans"),
        "franklin": _("Libre Franklin for headlines, Ledger Serif for text"),
        "system": _("Fonts of the reader’s device, nothing to download"),
    },
    "masthead": {"centred": _("Centred"), "left": _("Left"), "compact": _("Compact, one line")},
    "date": {"on": _("Shown"), "off": _("Not shown")},
    "density": {"normal": _("Normal"), "open": _("Airy"), "dense": _("Dense")},
    "pictures": {"on": _("With pictures"), "off": _("Text only")},
    "initial": {"on": _("With a drop cap"), "off": _("Without")},
    "width": {"normal": _("Normal"), "narrow": _("Narrow"), "wide": _("Wide")},
    "portraits": {"on": _("With portraits"), "off": _("Without")},
    "corners": {"square": _("Right-angled"), "rounded": _("Rounded")},
    "rules": {"on": _("With rules"), "off": _("Without")},
}
# What a page loads before anything else, from css/tokens.css and from the files in options/.
PRELOADS: dict[str, tuple[str, ...]] = {
    "ledger": (
        "fonts/ledger-serif-latin.woff2",
        "fonts/ledger-serif-display-latin.woff2",
        "fonts/public-sans-core.woff2",
    ),
    "newsreader": ("fonts/newsreader-latin.woff2", "fonts/public-sans-core.woff2"),
    "literata": ("fonts/literata-latin.woff2", "fonts/public-sans-core.woff2"),
    "franklin": ("fonts/libre-franklin-latin.woff2", "fonts/ledger-serif-latin.woff2"),
    "system": (),
}


@dataclass(frozen=True, slots=True)
class Design:
    """A design as it was chosen. Colours are #rrggbb, or "" for the site's own."""

    typefaces: str = "ledger"
    accent: str = ""
    accent_dark: str = ""
    paper: str = ""
    masthead: str = "centred"
    date: str = "on"
    density: str = "normal"
    pictures: str = "on"
    initial: str = "on"
    width: str = "normal"
    portraits: str = "on"
    corners: str = "square"
    rules: str = "on"
    css: str = ""
    css_is_on: bool = True

    @classmethod
    def parse(cls, stored: JsonObject) -> Self:
        """Return the design that `as_json` stored. Options that this release does not know have their default."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: stored[name] for name in names if name in stored and _is_valid(name, stored[name])})

    @classmethod
    def of(cls, publication: "Publication") -> Self:
        """Return the design that readers see."""
        colours = {"accent": publication.accent, "accent_dark": publication.accent_dark}
        return cls.parse(publication.design | colours)

    def apply(self, publication: "Publication") -> None:
        """Give `publication` this design, without saving it."""
        stored = self.as_json()
        publication.accent, publication.accent_dark = stored.pop("accent"), stored.pop("accent_dark")
        publication.design = stored

    def as_json(self) -> JsonObject:
        return asdict(self)

    @property
    def preloads(self) -> tuple[str, ...]:
        """The static files of the fonts to load first."""
        return PRELOADS[self.typefaces]

    @property
    def has_pictures(self) -> bool:
        """Whether the front page has pictures."""
        return self.pictures == "on"

    @property
    def has_portraits(self) -> bool:
        """Whether bylines have portraits."""
        return self.portraits == "on"

    @property
    def digest(self) -> str:
        """The digest of the style sheet, "" without one."""
        css = style_sheet(self)
        return hashlib.sha256(css.encode()).hexdigest()[:12] if css else ""


@lru_cache(8)
def style_sheet(design: Design) -> str:
    """Return the style sheet for readers, "" for the site's own look.

    All but the additional CSS is for screens only, and in a layer of its own that follows those of the site.
    """
    chosen = [(name, getattr(design, name)) for name in OPTIONS]
    parts = [_colours(design), *(_option(name, value) for name, value in chosen if value != next(iter(OPTIONS[name])))]
    rules = " ".join(filter(None, parts))
    layer = f"@layer design {{ @media screen {{ {rules} }} }}\n" if rules else ""
    return layer + (f"{design.css}\n" if design.css and design.css_is_on else "")


def validate_design(stored: object) -> None:
    """Raise ValidationError for what did not come from `as_json`: rows are imported from other sites."""
    if not isinstance(stored, dict):
        raise ValidationError(_("This is not a design."))
    additional_css.clean_css(Design.parse(stored).css)


def _is_valid(name: str, value: object) -> bool:
    if name == "css_is_on":
        return isinstance(value, bool)
    if not isinstance(value, str):
        return False
    if name in OPTIONS:
        return value in OPTIONS[name]
    return name == "css" or not value or COLOUR.fullmatch(value) is not None


def _colours(design: Design) -> str:
    roles = paper_roles(design.paper) if design.paper else {}
    if design.accent or design.paper:
        roles |= accent_roles(*accent_pair(design.accent, design.accent_dark, design.paper), design.paper)
    return f":root {{ {declarations(roles)} }}" if roles else ""


@cache
def _option(name: str, value: str) -> str:
    """Return the CSS of an option, with the addresses of its fonts."""
    path = FOLDER / f"{name}-{value}.css"
    # Some options change templates only.
    css = minify(path.read_text(encoding="utf-8")) if path.exists() else ""
    return FONT.sub(lambda font: f'url("{static(font[1])}")', css)
