"""The search form. Everything but the query is chosen from a list or validated strictly."""

from collections.abc import Iterable, Mapping

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from articles.models import Kind, Section
from truthlytics.web.form_fields import choice_field
from truthlytics.web.text import strip_control_characters

MAX_QUERY_LENGTH = 200
FIRST_YEAR, LAST_YEAR = 1500, 2500


class SearchForm(forms.Form):
    """Submitted with GET and without a CSRF token, so that the page can be cached for everyone."""

    q = forms.CharField(
        label=_("Search for"),
        required=False,
        max_length=MAX_QUERY_LENGTH,
        error_messages={
            "max_length": format_lazy(_("Use at most {limit} characters."), limit=MAX_QUERY_LENGTH),
            "null_characters_not_allowed": _("Remove the invalid character."),
        },
    )
    section = forms.ChoiceField(required=False, error_messages={"invalid_choice": _("Choose a section from the list.")})
    kind = forms.ChoiceField(
        required=False,
        choices=[("", _("All types")), *Kind.choices],
        error_messages={"invalid_choice": _("Choose a type from the list.")},
    )
    author = forms.SlugField(
        required=False, max_length=120, error_messages={"invalid": _("Choose an author from the list.")}
    )
    year = forms.IntegerField(
        required=False,
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        error_messages=dict.fromkeys(
            ["invalid", "min_value", "max_value"], _("Enter a four-digit year, such as 2024.")
        ),
    )
    sort = forms.ChoiceField(
        required=False,
        choices=[("", _("Best match")), ("newest", _("Newest"))],
        error_messages={"invalid_choice": _("Choose a sort order from the list.")},
    )

    def __init__(self, data: Mapping[str, str] | None, *, sections: Iterable[Section]) -> None:
        super().__init__(data, auto_id="search-%s")
        slugs = [(section.slug, section.name) for section in sections]
        choice_field(self, "section").choices = [("", _("All sections")), *slugs]

    @property
    def raw_query(self) -> str:
        """The query as typed, without control characters, to show it in the form again."""
        return strip_control_characters(str(self["q"].value() or ""))

    @property
    def messages(self) -> list[str]:
        return [str(error) for errors in self.errors.values() for error in errors]
