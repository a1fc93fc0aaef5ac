"""The form of a gift subscription."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscriptions.models import Price, User
from subscriptions.providers import Provider
from subscriptions.services.agreements import start_text
from subscriptions.services.gift_orders import GiftDetails
from truthlytics.web.generic import ModelChoiceField

# The hour at which gifts for a later day are sent, in the publication's time zone.
DELIVERY_HOUR = time(9)
LATEST_DELIVERY = timedelta(days=366)


class PriceField(ModelChoiceField[Price]):
    # The price, if there is no choice.
    only: Price | None = None

    def label_from_instance(self, price: Price) -> str:
        return f"{price.plan.name}, {price.length}: {price.money}"


class GiftForm(forms.Form):
    """A gift: what, for whom, when, and how it is paid. Visitors (`user` is None) order once they have an account."""

    price = PriceField(
        label=gettext_lazy("Gift"),
        queryset=Price.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose a gift.")},
    )
    recipient_name = forms.CharField(label=gettext_lazy("Name of the recipient"), max_length=60, required=False)
    recipient_email = forms.EmailField(
        label=gettext_lazy("Email address of the recipient"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("Leave it blank to hand over the link yourself. We use it for this gift only."),
    )
    deliver_on = forms.DateField(
        label=gettext_lazy("Send it on"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("Leave it blank to send it as soon as it is paid."),
    )
    giver_name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Use the name that the recipient knows you by."),
    )
    message = forms.CharField(
        label=gettext_lazy("Message"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    provider = forms.ChoiceField(label=gettext_lazy("Payment method"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, prices: Any, providers: list[Provider], user: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        price, provider = self.fields["price"], self.fields["provider"]
        price.queryset = prices  # type: ignore[attr-defined]
        price.initial = prices[0].pk
        price.only = prices[0] if len(prices) == 1 else None  # type: ignore[attr-defined]
        provider.choices = [(offered.code, offered.label) for offered in providers]  # type: ignore[attr-defined]
        if user is not None and (text := start_text()):
            error = {"required": _("Tick the box to start straight away.")}
            self.fields["start"] = forms.BooleanField(label=text, error_messages=error)
        self.fields["giver_name"].initial = user.display_name if user is not None else ""
        if len(providers) == 1:
            provider.widget = forms.HiddenInput()
        provider.initial = providers[0].code

    def clean_deliver_on(self) -> date | None:
        day: date | None = self.cleaned_data["deliver_on"]
        today = timezone.localdate()
        if day is not None and day < today:
            raise forms.ValidationError(_("Choose today or a later day."))
        if day is not None and day > today + LATEST_DELIVERY:
            raise forms.ValidationError(_("Choose a day within a year from now."))
        return day

    def clean_message(self) -> str:
        return str(self.cleaned_data["message"]).replace("\r\n", "\n").strip()

    def details(self, now: datetime) -> GiftDetails:
        """Return the gift of a valid form; without a later day it is sent once it is paid."""
        data = self.cleaned_data
        day = data["deliver_on"]
        is_later = day is not None and day > timezone.localdate(now)
        # Midnight of today, so that pressing the button twice gives the same details.
        at = datetime.combine(day if is_later else timezone.localdate(now), DELIVERY_HOUR if is_later else time())
        return GiftDetails(
            price=data["price"],
            deliver_at=timezone.make_aware(at),
            giver_name=data["giver_name"],
            recipient_name=data["recipient_name"],
            recipient_email=data["recipient_email"],
            message=data["message"],
        )
