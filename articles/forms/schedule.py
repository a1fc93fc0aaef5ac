"""Forms for scheduling a future date and time in the publication's time zone, and for the kind of change."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from articles.corrections.detector import Proposal, reason_needed
from articles.forms.widgets import SingleLineTextarea
from articles.models import ChangeKind
from truthlytics.web.dates import local_date, recent_date
from truthlytics.web.local_time import utc_candidates

MAX_AHEAD = timedelta(days=5 * 366)


def button_time(at: datetime) -> str:
    """Format with date, time and time zone, short enough for a button: “Fri 27 Nov, 09:00 CET”."""
    return recent_date(at, "D j M, H:i T")


class FutureTimeForm(forms.Form):
    """A date and time in the future, in the publication's time zone.

    Submitting with the button `look` only resolves the time, so that the page can show it on the button. `confirmed`
    is the time that the button showed; if a different one was entered since, it is shown first.
    """

    past_error = gettext_lazy("This time has passed. Choose a later one.")

    day = forms.DateField(
        required=False, label=gettext_lazy("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    hour = forms.TimeField(
        required=False, label=gettext_lazy("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    FIRST, SECOND = "first", "second"
    which = forms.ChoiceField(
        choices=[
            (FIRST, gettext_lazy("Before the clocks go back")),
            (SECOND, gettext_lazy("After the clocks go back")),
        ],
        required=False,
        widget=forms.RadioSelect,
        label=gettext_lazy("Which time"),
    )

    def clean(self) -> dict[str, object]:
        """Add `at`, the chosen UTC time, or None if no time is required."""
        data = super().clean() or self.cleaned_data
        data["at"] = None
        if self.requires_time(data) and not self.errors:
            for name, error in (("day", _("Choose a date.")), ("hour", _("Choose a time."))):
                if data.get(name) is None:
                    self.add_error(name, error)
            if not self.errors:
                data["at"] = self._resolve(data["day"], data["hour"])
        return data

    def requires_time(self, data: dict[str, object]) -> bool:
        return True

    def _resolve(self, day: date, hour: time) -> datetime | None:
        today = timezone.localdate()
        # Check the date first: at the limits of the calendar, the conversion to UTC would overflow.
        if day < today:
            self.add_error("hour", self.past_error)
            return None
        if day > today + MAX_AHEAD:
            self.add_error("day", _("Choose a date within the next five years."))
            return None
        candidates = utc_candidates(day, hour, timezone.get_current_timezone())
        if not candidates:
            self.add_error("hour", _("This time does not exist: the clocks go forward on that day."))
            return None
        if len(candidates) > 1 and not self.cleaned_data.get("which"):
            self.add_error("which", _("This time occurs twice because the clocks go back. Choose which one you mean."))
            return None
        at = candidates[-1] if self.cleaned_data.get("which") == self.SECOND else candidates[0]
        if at <= timezone.now():
            self.add_error("hour", self.past_error)
            return None
        return at

    def is_valid(self) -> bool:
        return super().is_valid() and not self.needs_confirmation

    @property
    def needs_confirmation(self) -> bool:
        """True if the resolved time must be shown before it takes effect."""
        at = self.at
        return at is not None and ("look" in self.data or self.data.get("confirmed", at.isoformat()) != at.isoformat())

    @property
    def status(self) -> int:
        """HTTP status of the page that shows the form."""
        return 422 if self.is_bound and not self.needs_confirmation else 200

    @property
    def at(self) -> datetime | None:
        """The chosen UTC time, if the form has no errors."""
        return self.cleaned_data.get("at") if self.is_bound and not self.errors else None

    @property
    def named(self) -> str:
        """The chosen time as the button shows it, or ""."""
        return button_time(self.at) if self.at else ""

    @property
    def is_ambiguous(self) -> bool:
        """True if the chosen time occurs twice, so that `which` has to be shown."""
        return "which" in self.errors or bool(self["which"].value())


@dataclass(frozen=True, slots=True)
class TimePreset:
    """A time that is offered as a button. `value` is the local date and time in ISO format."""

    value: str
    label: str


EVENING, MORNING = time(18), time(6, 30)


def time_presets(now: datetime | None = None) -> list[TimePreset]:
    """Return the times that newsrooms schedule for most, in the publication's time zone."""
    local = timezone.localtime(now)
    today = local.date()
    monday = today + timedelta(days=7 - today.weekday())
    presets = []
    if local.time() < EVENING:
        presets.append((_("Today"), today, EVENING))
    presets.append((_("Tomorrow"), today + timedelta(days=1), MORNING))
    if monday - today > timedelta(days=1):
        presets.append((local_date(monday, gettext_noop("l j F")), monday, MORNING))
    return [
        TimePreset(f"{day.isoformat()}T{at:%H:%M}", _("%(day)s, %(time)s") % {"day": name, "time": f"{at:%H:%M}"})
        for name, day, at in presets
    ]


class NowOrLaterForm(FutureTimeForm):
    """Now, or a date and time in the future.

    Submitting with a button `preset` fills in its time and shows it, as the button `look` does.
    """

    past_error = gettext_lazy("This time has passed. Choose a later one, or publish now.")

    NOW, LATER = "now", "later"
    when = forms.ChoiceField(
        choices=[(NOW, gettext_lazy("Now")), (LATER, gettext_lazy("Schedule"))],
        initial=NOW,
        widget=forms.RadioSelect,
        label=gettext_lazy("When"),
    )

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data is not None and (preset := data.get("preset")):
            data = data.copy()
            data["day"], _separator, data["hour"] = preset.partition("T")
            data["when"], data["look"] = self.LATER, "1"
            data.pop("which", None)
        super().__init__(data, *args, **kwargs)

    def requires_time(self, data: dict[str, object]) -> bool:
        return data.get("when") == self.LATER


NOTE_LENGTH = 500


class ChangeKindForm(forms.Form):
    """With the `proposal` of the detector, the kind of change is required, and all but minor edits require a note.

    So does a minor edit in which a fact changed.
    """

    kind = forms.ChoiceField(
        choices=ChangeKind, required=False, widget=forms.RadioSelect, label=gettext_lazy("What kind of change is it?")
    )
    note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        label=gettext_lazy("Change note, shown to readers"),
        widget=SingleLineTextarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, proposal: Proposal | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposal = proposal

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if self.proposal is None:
            data["kind"] = ""
        elif not data.get("kind") and "kind" not in self.errors:
            self.add_error("kind", _("Choose what kind of change it is."))
        facts = self.proposal.facts if self.proposal is not None else ()
        if data.get("kind") and not data.get("note") and "note" not in self.errors:
            if data["kind"] != ChangeKind.MINOR:
                self.add_error("note", _("Tell readers in a sentence what changed."))
            elif facts:
                self.add_error("note", reason_needed(facts))
        return data
