"""The row of the publication's settings."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from truthlytics.publication.colours import accent_pair
from truthlytics.publication.countries import EU, country_choices
from truthlytics.publication.crawlers import CrawlerChoices
from truthlytics.publication.current import publication_changed
from truthlytics.publication.design import Design, validate_design
from truthlytics.publication.files import FOLDER, PublicationFile, PublicationFileField
from truthlytics.publication.language import LANGUAGES

if TYPE_CHECKING:
    from truthlytics.publication.tax_rates import TaxRate


# In px: tabs, iPhones, and two for the web manifest.
ICON_SIZES = (32, 180, 192, 512)

GERMANY = "DE"


def default_time_zone() -> str:
    return settings.TIME_ZONE


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("There is no time zone with this name."))


class Publication(CrawlerChoices):
    """The publication, in one row. Read it with `get_publication()`."""

    class WhoMayComment(models.TextChoices):
        SUBSCRIBERS = "subscribers", _("Subscribers")
        READERS = "readers", _("Every registered reader")

    class ImmediateStart(models.TextChoices):
        IN_EU = "eu", _("If the publisher is in the European Union")
        ALWAYS = "always", _("Always")
        NEVER = "never", _("Never")

    class WithdrawalRefund(models.TextChoices):
        WHOLE = "whole", _("Everything that was paid")
        UNUSED = "unused", _("What was paid, less the days until the withdrawal")

    class CancellationNotice(models.TextChoices):
        BY_COUNTRY = "country", _("As the law wants: a month later in Germany, elsewhere at the end of the period")
        PERIOD = "period", _("At the end of the period that is paid for")
        MONTH = "month", _("A month after it was declared; what was paid for the days after that is paid back")

    class FourEyes(models.TextChoices):
        NEVER = "never", _("Not required")
        AI = "ai", _("Required for text by AI")
        ALWAYS = "always", _("Always required")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("name"), max_length=60, default="Truthlytics")
    tagline = models.CharField(
        _("tagline"),
        max_length=120,
        blank=True,
        default="News and analysis on the record",
        help_text=_("A few words after the name in the front page’s title."),
    )
    description = models.CharField(
        _("description"),
        max_length=300,
        blank=True,
        default="Independent news and analysis that shows its sources and every change.",
        help_text=_("One sentence for search engines, feeds and link previews."),
    )
    logo = PublicationFileField(
        _("logo"), upload_to=FOLDER, help_text=_("SVG or PNG. Without a logo, the name is set in the site’s type.")
    )
    logo_dark = PublicationFileField(
        _("logo for dark mode"), upload_to=FOLDER, help_text=_("Leave blank to show the logo on a light background.")
    )
    favicon = PublicationFileField(
        _("icon"),
        upload_to=FOLDER,
        help_text=_(
            "A square PNG, at least 180 × 180 px, for browser tabs and phones. Leave blank to make it from "
            "a square PNG logo, or from the first letter of the name."
        ),
    )
    social_image = PublicationFileField(
        _("image for link previews"),
        upload_to=FOLDER,
        help_text=_(
            "PNG or JPEG, 1200 × 630 px, for pages without a picture. Leave blank to show the name in the site’s type."
        ),
    )
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        blank=True,
        help_text=_("The colour of links and buttons, such as #0f5c47. Leave blank for the default green."),
    )
    accent_dark = models.CharField(
        _("accent colour in dark mode"),
        max_length=7,
        blank=True,
        help_text=_("Leave blank to use the accent colour, lightened for dark mode."),
    )
    # The published design but for the accent colour, as `Design.as_json` returns it: {} for the site's own look.
    design = models.JSONField(default=dict, blank=True, db_default={}, editable=False, validators=[validate_design])
    publisher = models.CharField(
        _("publisher"),
        max_length=150,
        blank=True,
        help_text=_("The company, association or person responsible. Leave blank to use the publication’s name."),
    )
    legal_address = models.TextField(_("legal address"), max_length=600, blank=True)
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        choices=country_choices,
        help_text=_("Where the publisher pays tax on subscriptions."),
    )
    tax_id = models.CharField(
        _("tax number"),
        max_length=60,
        blank=True,
        help_text=_("As printed on invoices, such as “Tax number 12/345/67890”."),
    )
    vat_id = models.CharField(
        _("VAT ID"), max_length=20, blank=True, help_text=_("Printed on invoices, such as DE136695976.")
    )
    small_business = models.BooleanField(
        _("small-business scheme"), default=False, help_text=_("No VAT is charged; invoices give the reason instead.")
    )
    small_business_note = models.CharField(
        _("sentence of the scheme"),
        max_length=200,
        blank=True,
        help_text=_("Said with prices and on invoices, such as “No VAT is charged under § 19 UStG.”"),
    )
    # In per cent, and contained in prices. If empty, pages say nothing about tax.
    tax_rate = models.DecimalField(
        _("VAT rate of subscriptions"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("In per cent. Prices include it. Leave blank to say nothing about tax."),
    )
    # If one of the next six fields is empty, the environment has the value (see effective_settings.py).
    bank_holder = models.CharField(_("account holder"), max_length=70, blank=True)
    bank_iban = models.CharField(_("IBAN"), max_length=42, blank=True)
    bank_bic = models.CharField(
        _("BIC"), max_length=11, blank=True, help_text=_("Only if payers from other countries need it.")
    )
    default_currency = models.CharField(_("default currency"), max_length=3, blank=True)
    sender_name = models.CharField(_("sender’s name"), max_length=60, blank=True)
    sender_address = models.EmailField(_("sender’s address"), blank=True)
    immediate_start = models.CharField(
        _("ask readers whether to begin at once"),
        max_length=6,
        choices=ImmediateStart,
        default=ImmediateStart.IN_EU,
        help_text=_("Readers then have to tick a sentence before they order. The order keeps it."),
    )
    immediate_start_text = models.TextField(
        _("sentence to tick"),
        max_length=600,
        blank=True,
        help_text=_("Leave blank for the usual sentence, in the language of the site."),
    )
    withdrawal_refund = models.CharField(
        _("refund after a withdrawal"),
        max_length=6,
        choices=WithdrawalRefund,
        default=WithdrawalRefund.WHOLE,
        help_text=_("Days are deducted only from orders that have agreed to begin at once."),
    )
    cancellation_notice = models.CharField(
        _("cancelling after the first term"), max_length=8, choices=CancellationNotice,
        default=CancellationNotice.BY_COUNTRY, db_default="country",
        help_text=_("Only of subscriptions that renew by themselves. A change applies to all contracts, so keep what "
                    "readers agreed to with their orders."),
    )  # fmt: skip
    # Set for a new site until its publisher begins to sell; readers see no prices while it is set.
    selling_waits_since = models.DateTimeField(null=True, blank=True, editable=False)
    # Why the publisher began to sell although something on the list before was missing.
    selling_reason = models.CharField(max_length=300, blank=True, default="", db_default="", editable=False)
    # The sender of the test email that has arrived, as the publisher said.
    email_arrived_from = models.CharField(max_length=330, blank=True, default="", db_default="", editable=False)
    contact_email = models.EmailField(_("contact address"), blank=True)
    tips_email = models.EmailField(
        _("address for tips"), blank=True, help_text=_("Leave blank to keep tips in the newsroom.")
    )
    social_profiles = models.TextField(
        _("social profiles"), max_length=1000, blank=True, help_text=_("One URL per line.")
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default=default_time_zone, validators=[validate_time_zone]
    )
    language = models.CharField(_("language"), max_length=10, choices=LANGUAGES, default="en-gb")
    # One of articles.access.Level.
    default_access = models.PositiveSmallIntegerField(_("access to new articles"), default=0)
    # Whether readers can sign up for a newsletter: no page needs a query for it. Set by `newsletters.receivers`.
    offers_newsletters = models.BooleanField(default=False, db_default=False, editable=False)
    comments_open = models.BooleanField(_("open comments on new articles"), default=True)
    comments_close_after_days = models.PositiveSmallIntegerField(
        _("close comments after (days)"),
        null=True,
        blank=True,
        default=14,
        help_text=_("Leave blank to keep comments open."),
    )
    hold_first_comments = models.BooleanField(_("hold the first comment of each reader"), default=True)
    hold_links = models.BooleanField(_("hold comments with links"), default=False)
    held_words = models.TextField(
        _("words that hold a comment"), max_length=4000, blank=True, help_text=_("One word or phrase per line.")
    )
    who_may_comment = models.CharField(
        _("who may comment"), max_length=12, choices=WhoMayComment, default=WhoMayComment.SUBSCRIBERS
    )
    # Whether a text needs a review by someone who has not written it before it is published.
    four_eyes = models.CharField(
        _("review by a second person"),
        max_length=6,
        choices=FourEyes,
        default=FourEyes.NEVER,
        db_default="never",
        help_text=_("Then an article is published only after someone who has not written its text has reviewed it."),
    )
    check_links = models.BooleanField(
        _("check the addresses of sources"),
        default=False,
        help_text=_("Requests each address that articles cite about once a week, and tells you which are gone."),
    )
    authors_see_statistics = models.BooleanField(
        _("authors see the statistics of their own articles"),
        default=False,
        db_default=False,
        help_text=_("If not, only those who may publish see statistics."),
    )
    staff_idle_minutes = models.PositiveSmallIntegerField(
        _("log staff out after (minutes)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(20160)],
        help_text=_("Without a click or a change. Leave blank to keep sessions for two weeks after the login."),
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "truthlytics"
        verbose_name = _("settings")
        verbose_name_plural = _("settings")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="publication_is_one_row"),
            models.CheckConstraint(
                condition=Q(tax_rate=None) | Q(tax_rate__gte=0, tax_rate__lt=100), name="publication_tax_rate_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        publication_changed()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        publication_changed()
        return deleted

    @property
    def is_default(self) -> bool:
        """Whether no settings are stored yet."""
        return self._state.adding

    @property
    def asks_for_immediate_start(self) -> bool:
        """Whether an order needs the reader’s wish that it begins before the time for withdrawing is over."""
        if self.immediate_start == self.ImmediateStart.IN_EU:
            return self.country in EU
        return self.immediate_start == self.ImmediateStart.ALWAYS

    @property
    def ends_a_month_after_notice(self) -> bool:
        """Whether a contract that has renewed ends a month after it is cancelled, not with its period."""
        if self.cancellation_notice == self.CancellationNotice.BY_COUNTRY:
            return self.country == GERMANY
        return self.cancellation_notice == self.CancellationNotice.MONTH

    @property
    def publisher_name(self) -> str:
        return self.publisher or self.name

    @cached_property
    def known_tax_rates(self) -> "list[TaxRate]":
        """The table of other rates, newest first; one query for as long as the row is kept."""
        return list(self.tax_rates.order_by("-valid_from")) if not self.is_default else []

    def tax_rate_for(self, country: str, on: date) -> tuple[Decimal | None, str]:
        """Return the rate in per cent for buyers in `country` on that day, and the sentence of a rate of zero.

        The newest row of the table for that country applies, else that for our own country, else `tax_rate`.
        """
        for code in (country, self.country):
            for row in self.known_tax_rates:
                if row.country == code and row.valid_from <= on:
                    return row.rate, row.note
        return self.tax_rate, ""

    @property
    def profile_urls(self) -> list[str]:
        return self.social_profiles.split()

    @property
    def profiles(self) -> list[tuple[str, str]]:
        """The host names and URLs of the social profiles."""
        return [(urlsplit(url).netloc.removeprefix("www."), url) for url in self.profile_urls]

    @property
    def email_logo(self) -> PublicationFile | None:
        """The logo if mail programs can show it; most show no SVG."""
        logo: PublicationFile = self.logo
        return logo if logo and str(logo.name).endswith(".png") else None

    @property
    def summary(self) -> str:
        """What it is, for pages without a description of their own: the description, else the tagline or the name."""
        return self.description or self.tagline or self.name

    @property
    def icon_digest(self) -> str:
        return _digest("icon", self.name[:20], self.accent, self.favicon.name, self.logo.name)

    @property
    def icons(self) -> dict[str, str]:
        """The icons’ paths by size in px."""
        return {str(size): reverse("publication_icon", args=[self.icon_digest, size]) for size in ICON_SIZES}

    @property
    def card_digest(self) -> str:
        return _digest("card", self.name, self.tagline, self.accent)

    @property
    def social_image_url(self) -> str:
        """The path of the image for link previews, 1200 × 630 px."""
        return self.social_image.url if self.social_image else reverse("publication_card", args=[self.card_digest])

    @property
    def accents(self) -> tuple[str, str]:
        """The accent colour in light and in dark mode."""
        return accent_pair(self.accent, self.accent_dark, self.look.paper)

    @property
    def look(self) -> Design:
        """The design that readers see."""
        return Design.of(self)

    @cached_property
    def theme_url(self) -> str:
        """The path of the stylesheet of the design, "" for the site’s own look."""
        digest = self.look.digest
        return reverse("theme", args=[digest]) if digest else ""


def _digest(*parts: str | None) -> str:
    return hashlib.sha256("\0".join(part or "" for part in parts).encode()).hexdigest()[:12]
