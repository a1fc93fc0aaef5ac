"""The questions of the setup, for the browser and the command."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscriptions.display_names import NAME_LENGTH, clean_display_name
from subscriptions.forms.amounts import AmountField, minor_units
from subscriptions.models import User
from truthlytics.newsroom.settings_form import time_zone_choices
from truthlytics.publication.language import LANGUAGES
from truthlytics.publication.slugs import make_slug

FREE, PAID = "free", "paid"


class SetupForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the publication"), max_length=60)
    language = forms.ChoiceField(label=gettext_lazy("Language of the site"), choices=LANGUAGES, initial="en-gb")
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=lambda: time_zone_choices(settings.TIME_ZONE),
        initial=settings.TIME_ZONE,
        help_text=gettext_lazy("Times of publication are shown in it."),
    )
    section = forms.CharField(
        label=gettext_lazy("First section"),
        max_length=60,
        initial=gettext_lazy("News"),
        help_text=gettext_lazy("Such as News or Politics. You can rename it and add others."),
    )
    display_name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("Shown on your articles and comments."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Your email address"),
        help_text=gettext_lazy("You log in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        help_text=gettext_lazy("At least 10 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    plan = forms.ChoiceField(
        label=gettext_lazy("Subscriptions"),
        initial=FREE,
        widget=forms.RadioSelect,
        choices=[(FREE, gettext_lazy("Free for now")), (PAID, gettext_lazy("Sell a monthly subscription"))],
    )
    price = AmountField(
        label=gettext_lazy("Price per month"), required=False, min_value=Decimal("0.01"), max_value=Decimal(100_000)
    )
    test_email = forms.BooleanField(
        label=gettext_lazy("Send me a test email"),
        required=False,
        initial=True,
        help_text=gettext_lazy("You see at once whether it was accepted."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = settings.DEFAULT_CURRENCY
        self.fields["price"].help_text = _("In %(currency)s. You can change it later and add yearly prices.") % {
            "currency": currency
        }

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_display_name(self) -> str:
        return clean_display_name(self.cleaned_data["display_name"])

    def clean_section(self) -> str:
        name = " ".join(self.cleaned_data["section"].split())
        if not make_slug(name, self.cleaned_data.get("language", "")):
            raise ValidationError(_("Use at least one letter or digit, which becomes part of the address."))
        return name

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError(_("There’s already an account with this address."))
        return email

    def clean_price(self) -> Decimal | None:
        price: Decimal | None = self.cleaned_data["price"]
        if price is not None:
            minor_units(price, settings.DEFAULT_CURRENCY)
        return price

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("plan") == PAID and not cleaned.get("price") and "price" not in self.errors:
            self.add_error("price", _("Enter a price, or choose “Free for now”."))
        if password := cleaned.get("password"):
            user = User(email=cleaned.get("email", ""), display_name=cleaned.get("display_name", ""))
            try:
                validate_password(password, user)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned

    @property
    def minor(self) -> int | None:
        """The price in minor units; None if everything is free."""
        if self.cleaned_data["plan"] == FREE:
            return None
        return minor_units(self.cleaned_data["price"], settings.DEFAULT_CURRENCY)
