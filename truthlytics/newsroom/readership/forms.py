"""The form that chooses the period of a statistics page."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from truthlytics.newsroom.readership.periods import Period, Unit


class PeriodForm(forms.Form):
    """A period by its length and a day in it, and whether the page shows what was not counted as people."""

    period = forms.ChoiceField(label=gettext_lazy("Period"), choices=Unit.choices)
    on = forms.DateField(
        label=gettext_lazy("With this day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    not_counted = forms.BooleanField(label=gettext_lazy("Show what was not counted as people"), required=False)

    @classmethod
    def of(cls, query: QueryDict, today: date) -> "PeriodForm":
        """Return the bound form of a page's query: this week if it says nothing else."""
        chosen = {"period": Unit.WEEK.value, "on": today.isoformat()}
        return cls(chosen | {name: value for name, value in query.items() if value})

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if not 1900 <= on.year <= 2200:
            raise ValidationError(_("Choose a day between 1900 and 2200."))
        return on

    def chosen(self) -> Period:
        """Return the period of a valid form."""
        return Period.around(self.cleaned_data["on"], Unit(self.cleaned_data["period"]))

    @property
    def shows_not_counted(self) -> bool:
        return bool(self.cleaned_data.get("not_counted"))
