"""What somebody may ask. Everything but the words comes from a list."""

from collections.abc import Iterable
from typing import Any

from django import forms

from articles.models import Kind, Section
from truthlytics.web.text import without_controls

LONGEST = 200
FIRST_YEAR, LAST_YEAR = 1500, 2500


class SearchForm(forms.Form):
    """Sent by GET, without a token: it changes nothing, and its page is everybody's."""

    q = forms.CharField(
        label="Search for",
        required=False,
        max_length=LONGEST,
        error_messages={
            "max_length": f"Search for less at once: {LONGEST} characters at most.",
            "null_characters_not_allowed": "There is a sign in it that no text has.",
        },
    )
    section = forms.ChoiceField(required=False, error_messages={"invalid_choice": "There is no such section."})
    kind = forms.ChoiceField(
        required=False,
        choices=[("", "Every kind"), *Kind.choices],
        error_messages={"invalid_choice": "There is no such kind of piece."},
    )
    author = forms.SlugField(required=False, max_length=120, error_messages={"invalid": "There is no such author."})
    year = forms.IntegerField(
        required=False,
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        error_messages=dict.fromkeys(
            ["invalid", "min_value", "max_value"], "Write the year with four digits, such as 2024."
        ),
    )
    sort = forms.ChoiceField(
        required=False,
        choices=[("", "Newest"), ("best", "Best match")],
        error_messages={"invalid_choice": "There is no such order."},
    )

    def __init__(self, data: Any, *, sections: Iterable[Section]) -> None:
        super().__init__(data, auto_id="search-%s")
        slugs = [(section.slug, section.name) for section in sections]
        self.fields["section"].choices = [("", "Every section"), *slugs]  # type: ignore[attr-defined]

    @property
    def typed(self) -> str:
        """The words as they were typed, without signs that no page can hold."""
        return without_controls(str(self["q"].value() or ""))

    @property
    def sentences(self) -> list[str]:
        """What is wrong, whichever field says it."""
        return [str(error) for errors in self.errors.values() for error in errors]
