"""The form of Settings → Design."""

from typing import NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from truthlytics.publication.colours import Scheme, clean_colour, clean_paper, schemes
from truthlytics.publication.design import OPTIONS, Design
from truthlytics.web.lazy_import import LazyModule
from truthlytics.web.text import split_words

# Loads tinycss2.
additional_css = LazyModule("truthlytics.publication.additional_css")
COLOUR_INPUT = {"size": 9, "spellcheck": "false", "autocomplete": "off"}
LABELS = {
    "typefaces": gettext_lazy("Typefaces"),
    "masthead": gettext_lazy("Masthead of the front page"),
    "date": gettext_lazy("Date in the masthead"),
    "density": gettext_lazy("Density"),
    "pictures": gettext_lazy("Pictures"),
    "initial": gettext_lazy("First letter"),
    "width": gettext_lazy("Width of the text"),
    "portraits": gettext_lazy("Byline"),
    "corners": gettext_lazy("Corners"),
    "rules": gettext_lazy("Rules between articles"),
}
GROUPS: list[tuple[str | Promise, str]] = [
    (gettext_lazy("Type and colours"), "typefaces accent accent_dark paper"),
    (gettext_lazy("Masthead"), "masthead date"),
    (gettext_lazy("Front page"), "density pictures"),
    (gettext_lazy("Articles"), "initial width portraits"),
    (gettext_lazy("Everywhere"), "corners rules"),
    (gettext_lazy("Additional CSS"), "css css_is_on"),
]


class Group(NamedTuple):
    title: str | Promise
    fields: list[forms.BoundField]


class DesignForm(forms.Form):
    accent = forms.CharField(
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs=COLOUR_INPUT),
        label=gettext_lazy("Accent colour"),
        help_text=gettext_lazy("The colour of links and buttons, such as #0f5c47. Leave blank for the default green."),
    )
    accent_dark = forms.CharField(
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs=COLOUR_INPUT),
        label=gettext_lazy("Accent colour in dark mode"),
        help_text=gettext_lazy("Leave blank to use the accent colour, lightened for dark mode."),
    )
    paper = forms.CharField(
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs=COLOUR_INPUT),
        label=gettext_lazy("Paper colour"),
        help_text=gettext_lazy(
            "The background, such as #ffffff, in dark mode a dark shade of it. Leave blank for the default."
        ),
    )
    css = forms.CharField(
        label=gettext_lazy("CSS"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "autocapitalize": "off"}),
        help_text=gettext_lazy("For those who know CSS. Addresses may lead to files of this site only."),
    )
    css_is_on = forms.BooleanField(label=gettext_lazy("Use the additional CSS"), required=False)

    def __init__(self, data: QueryDict | None = None, *, design: Design) -> None:
        super().__init__(data, initial=design.as_json())
        for name, options in OPTIONS.items():
            self.fields[name] = forms.ChoiceField(
                label=LABELS[name], choices=list(options.items()), widget=forms.RadioSelect
            )
        # The colours of text are compared with it.
        self.order_fields(["paper"])

    @property
    def groups(self) -> list[Group]:
        """The fields under their titles, for the template."""
        return [Group(title, [self[name] for name in split_words(names)]) for title, names in GROUPS]

    def clean_paper(self) -> str:
        return clean_paper(self.cleaned_data["paper"])

    def clean_accent(self) -> str:
        return clean_colour(self.cleaned_data["accent"], self._schemes[0], _("on the light page"))

    def clean_accent_dark(self) -> str:
        return clean_colour(self.cleaned_data["accent_dark"], self._schemes[1], _("on the dark page"))

    def clean_css(self) -> str:
        cleaned: str = additional_css.clean_css(self.cleaned_data["css"])
        return cleaned

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("accent_dark") and not cleaned.get("accent") and "accent" not in self.errors:
            self.add_error("accent", _("Enter a colour for light mode, too."))
        return cleaned

    @property
    def _schemes(self) -> tuple[Scheme, Scheme]:
        # The paper is cleaned first. If it was refused, its error comes first, too.
        return schemes(self.cleaned_data.get("paper", ""))

    @property
    def design(self) -> Design:
        """The design that was chosen, of a valid form."""
        return Design(**self.cleaned_data)

    @property
    def problems(self) -> list[str]:
        """What is wrong, each with the name of its field, for scripts."""
        return [f"{self.fields[name].label}: {' '.join(map(str, errors))}" for name, errors in self.errors.items()]
