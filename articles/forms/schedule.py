"""From or until when something is served: asked of an editor in the newsroom's own time."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from truthlytics.web.local_time import moments

FURTHEST = timedelta(days=5 * 366)


def named(at: datetime) -> str:
    """A day, a time and its zone, as short as a button wants it: “Fri 27 Nov, 09:00 CET”."""
    local = timezone.localtime(at)
    year = "" if local.year == timezone.localdate().year else " Y"
    return f"{date_format(local, f'D j M{year}, H:i')} {local.tzname()}"


class TimeForm(forms.Form):
    """A time that lies ahead, by the clocks of the publication's zone.

    A button called `look` asks what is meant, and nothing is done; `sure` is the moment that a button named: where
    another was typed since, it is named first.
    """

    passed = "This time has passed. Choose a later one."

    day = forms.DateField(
        required=False, label="Day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    hour = forms.TimeField(required=False, label="Time", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    FIRST, SECOND = "first", "second"
    which = forms.ChoiceField(
        choices=[(FIRST, "The first time, before they go back"), (SECOND, "The second time, after it")],
        required=False, widget=forms.RadioSelect, label="Which of the two",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Adds `at`: a moment that lies ahead (UTC), or None where none is asked for."""
        data = super().clean() or self.cleaned_data
        data["at"] = None
        if self.asks_for_time(data) and not self.errors:
            for name, sentence in (("day", "Choose a day."), ("hour", "Choose a time.")):
                if data.get(name) is None:
                    self.add_error(name, sentence)
            if not self.errors:
                data["at"] = self._moment(data["day"], data["hour"])
        return data

    def asks_for_time(self, data: dict[str, Any]) -> bool:
        return True

    def _moment(self, day: date, hour: time) -> datetime | None:
        zone, today = timezone.get_current_timezone(), timezone.localdate()
        # Asked of the day first: at the ends of the calendar there is no time in UTC to compare.
        if day < today:
            self.add_error("hour", self.passed)
            return None
        if day > today + FURTHEST:
            self.add_error("day", "Choose a day within the next five years.")
            return None
        found = moments(day, hour, zone)
        if not found:
            self.add_error("hour", "The clocks go forward that day: this time does not exist.")
            return None
        if len(found) > 1 and not self.cleaned_data.get("which"):
            self.add_error("which", "The clocks go back that day and show this time twice. Which one is meant?")
            return None
        at = found[-1] if self.cleaned_data.get("which") == self.SECOND else found[0]
        if at <= timezone.now():
            self.add_error("hour", self.passed)
            return None
        return at

    def is_valid(self) -> bool:
        return super().is_valid() and not self.only_looks

    @property
    def only_looks(self) -> bool:
        """True where the moment is to be named before anything happens at it."""
        at = self.at
        return at is not None and ("look" in self.data or self.data.get("sure", at.isoformat()) != at.isoformat())

    @property
    def status(self) -> int:
        """Of the page that shows it: to look is no mistake."""
        return 422 if self.is_bound and not self.only_looks else 200

    @property
    def at(self) -> datetime | None:
        """The moment that was asked for, once it is known."""
        return self.cleaned_data.get("at") if self.is_bound and not self.errors else None

    @property
    def named(self) -> str:
        """The moment that was asked for in words, or ""."""
        return named(self.at) if self.at else ""

    @property
    def asks_which(self) -> bool:
        """True where the hour was found to come twice: until then nobody need read of it."""
        return "which" in self.errors or bool(self["which"].value())


class MomentForm(TimeForm):
    """Now, or at a time that lies ahead."""

    passed = "This time has passed. Choose a later one, or publish now."

    NOW, LATER = "now", "later"
    when = forms.ChoiceField(
        choices=[(NOW, "Now"), (LATER, "At a set time")], initial=NOW, widget=forms.RadioSelect, label="When"
    )

    def asks_for_time(self, data: dict[str, Any]) -> bool:
        return data.get("when") == self.LATER
