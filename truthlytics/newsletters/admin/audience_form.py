"""The fields with which editors narrow who gets an issue, on the page that sends it and on the publish page."""

from datetime import date, datetime, time
from json import dumps
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from truthlytics.newsletters.services.audiences import Audience, followed_choices, plan_choices
from truthlytics.web.form_fields import choice_field

# Before there were accounts; dates near the beginning of the calendar have no time in UTC.
EARLIEST = date(2000, 1, 1)


class AudienceFields(forms.Form):
    """Who gets an issue, for forms that send it.

    `counted` repeats the choice of which the page shows the number of readers: another choice is counted first, and
    confirmed with a second submit. Submitting with the button `count` only counts.
    """

    subscriptions = forms.MultipleChoiceField(
        label=gettext_lazy("With one of these subscriptions"), required=False, widget=forms.CheckboxSelectMultiple
    )
    followed = forms.ChoiceField(label=gettext_lazy("Followers of"), required=False)
    inactive_since = forms.DateField(
        label=gettext_lazy("Not logged in since"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("By their last login. Readers without an account never log in and don’t get it."),
    )
    counted = forms.CharField(required=False, widget=forms.HiddenInput)
    audience = Audience()

    def offer(self, audience: Audience) -> None:
        """Offer what can be chosen, with `audience` as the initial choice."""
        self.audience = audience
        choice_field(self, "subscriptions").choices = plan_choices()
        choice_field(self, "followed").choices = [("", _("No restriction")), *followed_choices(timezone.now())]
        self.initial.update(
            {
                "subscriptions": [*map(str, audience.plans), *(["none"] if audience.is_unsubscribed else [])],
                "followed": "{}-{}".format(*audience.followed) if audience.followed else "",
                "inactive_since": timezone.localdate(audience.inactive_since) if audience.inactive_since else None,
                "counted": _key(audience),
            }
        )

    @property
    def count_name(self) -> str:
        return self.add_prefix("count")

    @property
    def only_counts(self) -> bool:
        return self.is_bound and self.count_name in self.data

    @property
    def needs_confirmation(self) -> bool:
        """True if the page is shown again without errors, as in `FutureTimeForm`."""
        return self.only_counts or getattr(super(), "needs_confirmation", False)

    def is_valid(self) -> bool:
        return super().is_valid() and not self.only_counts

    def clean_inactive_since(self) -> date | None:
        day: date | None = self.cleaned_data["inactive_since"]
        if day is not None and not EARLIEST <= day <= timezone.localdate():
            raise ValidationError(_("Choose a day in the past."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "counted" not in self.fields:
            return data
        plans, day = data.get("subscriptions", []), data.get("inactive_since")
        kind, _separator, pk = data.get("followed", "").partition("-")
        self.audience = Audience(
            plans=tuple(int(plan) for plan in plans if plan != "none"),
            is_unsubscribed="none" in plans,
            followed=(kind, int(pk)) if kind else None,
            inactive_since=timezone.make_aware(datetime.combine(day, time())) if day else None,
        )
        key = _key(self.audience)
        if data.get("counted", "") != key:
            changed: Any = self.data
            self.data = changed = changed.copy()
            changed[self.add_prefix("counted")] = key
            if not self.only_counts:
                self.add_error(
                    "counted", _("Your choice has changed the number of recipients. Check it, then submit again.")
                )
        return data


def _key(audience: Audience) -> str:
    return dumps(audience.stored) if audience.stored else ""
