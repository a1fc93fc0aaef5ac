"""The one function that makes a slug of a name or headline, in any script and by the customs of its language."""

import re
import unicodedata
from collections.abc import Container
from itertools import chain, count
from typing import Any

from anyascii import anyascii
from django.utils.text import slugify
from django.utils.translation import gettext as _

from truthlytics.publication.language import content_language
from truthlytics.web.generic import ModelForm

_NORDIC = {"æ": "ae", "ø": "oe", "å": "aa"}
# What a language writes otherwise than the general transliteration, which is for example ä → a, ö → o and ß → ss.
# To add a language, add its lower-case letters.
_BY_LANGUAGE = {
    "de": {"ä": "ae", "ö": "oe", "ü": "ue"},
    "da": _NORDIC,
    "nb": _NORDIC,
    "nn": _NORDIC,
    "no": _NORDIC,
    "bg": {"щ": "sht", "ъ": "a", "х": "h"},
    "mk": {"х": "h", "ж": "z", "ч": "c", "ш": "s", "џ": "dz", "ј": "j"},
    "sr": {"х": "h", "ж": "z", "ч": "c", "ш": "s", "џ": "dz", "ј": "j", "ђ": "dj", "ћ": "c"},
    "uk": {"г": "h", "ґ": "g", "и": "y", "ї": "i", "х": "kh"},
}
# Pairs of Greek vowels, which no other script has.
_GREEK = {"ου": "ou", "ού": "ou", "αυ": "av", "αύ": "av", "ευ": "ev", "εύ": "ev"}


def make_slug(text: str, language: str = "") -> str:
    """Return `text` as a slug: lower-case letters a to z, digits and hyphens. "" if nothing of it can be written so.

    `language` is the code of the text's language, "" for the publication's: “Köhlbrand” is `koehlbrand` in German
    and `kohlbrand` in Swedish. Slugs are not shortened.
    """
    text = unicodedata.normalize("NFC", text).lower()
    code = content_language(language).lower().partition("-")[0]
    for letters, latin in (_BY_LANGUAGE.get(code, {}) | _GREEK).items():
        text = text.replace(letters, latin)
    return slugify("".join(map(_ascii, text))).strip("-_")


def numbered(base: str, taken: Container[str]) -> str:
    """Return the first of `base`, `base-2`, `base-3` … that is not among the slugs `taken`."""
    return next(slug for slug in chain([base], (f"{base}-{number}" for number in count(2))) if slug not in taken)


def _ascii(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Pd" or character == "/":
        return "-"
    if character.isascii() or category[0] not in "LMN":  # `slugify` knows what to do with other signs
        return character
    if re.match("[\u3400-\u9fff]", character):  # Chinese is written without spaces; each character is a syllable
        return f"-{anyascii(character)}-"
    # Signs that mark a soft consonant, as in Russian, are no part of a slug.
    return re.sub(r"[^\w/ -]", "", anyascii(character)).replace("/", "-")


class SlugFromNameForm(ModelForm[Any]):
    """A slug left blank is made from the name; that of a row that has one already stays as it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            if self.instance.pk is None:
                self.fields["slug"].help_text = _("Leave blank to use the name.")

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if data.get("slug") == "" and data.get("name"):
            data["slug"] = self.instance.slug or self.free_slug(data["name"])
        return data

    def free_slug(self, name: str) -> str:
        """Return a slug made of `name` that no other row has."""
        model = type(self.instance)
        limit = (model._meta.get_field("slug").max_length or 50) - 5
        base = make_slug(name)[:limit].strip("-") or str(model._meta.model_name)
        return numbered(base, set(model._default_manager.filter(slug__startswith=base).values_list("slug", flat=True)))
