"""Admin for coupons: what they reduce, for whom, and who used them. Archived, not deleted."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import ActionLocation
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from subscriptions.admin.filters import ArchivedFilter
from subscriptions.forms.amounts import AmountField, as_decimal, minor_units
from subscriptions.models import Coupon
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.audit.log import log_changes
from truthlytics.web.form_fields import SafeModelMultipleChoiceField
from truthlytics.web.types import FormClass
from truthlytics.web.users import user_of

# The discount, which stays as it is once a reader has used or reserved it.
DISCOUNT = ("kind", "percent", "amount", "currency", "duration", "periods")


class LimitsForm(forms.ModelForm[Coupon]):
    """What can be changed of a coupon that readers have used."""

    def clean_max_uses(self) -> int | None:
        limit: int | None = self.cleaned_data["max_uses"]
        if limit is not None and limit < self.instance.uses:
            message = ngettext(
                "It has already been used once.", "It has already been used %d times.", self.instance.uses
            )
            raise ValidationError(message % self.instance.uses if self.instance.uses > 1 else message)
        return limit


class CouponForm(LimitsForm):
    """A coupon with its code in capitals and its amount as money, such as 9.00."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        validators=[RegexValidator(r"^[A-Za-z0-9_-]+$", gettext_lazy("Use letters, digits and hyphens."))],
        help_text=gettext_lazy("What readers enter, such as SPRING25. Capitals don’t matter."),
    )
    percent = forms.IntegerField(label=gettext_lazy("Percent"), min_value=1, max_value=100, required=False)
    amount = AmountField(required=False, help_text=gettext_lazy("For example 2.00"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.minor is not None:
            self.initial["amount"] = as_decimal(self.instance.minor, self.instance.currency)

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).upper()

    def clean(self) -> dict[str, object]:
        """Keep only the discount of the chosen kind."""
        data = super().clean() or self.cleaned_data
        self.instance.minor = None
        if data.get("kind") == Coupon.Kind.PERCENT:
            data["currency"] = ""
            if data.get("percent") is None and "percent" not in self.errors:
                self.add_error("percent", _("Enter a percentage."))
            return data
        data["percent"] = None
        if not data.get("amount") and "amount" not in self.errors:
            self.add_error("amount", _("Enter an amount."))
        elif not data.get("currency") and "currency" not in self.errors:
            self.add_error("currency", _("Choose a currency."))
        elif data.get("amount") and data.get("currency"):
            try:
                self.instance.minor = minor_units(data["amount"], data["currency"])
            except ValidationError as error:
                self.add_error("amount", error)
        return data


@admin.register(Coupon)
class CouponAdmin(AuditedAdmin):
    uses_django_scripts = True
    purpose = gettext_lazy("Coupons reduce a price for readers who enter their code. “New coupon” makes one.")
    list_display = ("code", "discount", "lasts", "used", "first_time_only", "ends_at", "state")
    list_filter = (("archived_at", ArchivedFilter), "kind")
    search_fields = ("code",)
    radio_fields = {"kind": admin.HORIZONTAL}
    actions = ("archive",)

    def get_form(
        self, request: HttpRequest, obj: Coupon | None = None, change: bool = False, **kwargs: object
    ) -> FormClass:
        return super().get_form(request, obj, change, form=LimitsForm if self._is_used(obj) else CouponForm, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: object) -> Any:
        kwargs |= {"form_class": SafeModelMultipleChoiceField, "widget": forms.CheckboxSelectMultiple()}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Coupon | None = None) -> Any:
        discount = ("discount", "lasts") if self._is_used(obj) else DISCOUNT
        limits = ("starts_at", "ends_at", "max_uses", *(("used",) if obj else ()), "first_time_only", "plans")
        return ((None, {"fields": ("code",)}), (_("Discount"), {"fields": discount}), (_("Limits"), {"fields": limits}))

    def get_readonly_fields(self, request: HttpRequest, obj: Coupon | None = None) -> tuple[str, ...]:
        return ("code", "discount", "lasts", "used") if self._is_used(obj) else ("used",)

    def has_delete_permission(self, request: HttpRequest, obj: Coupon | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("discount"))
    def discount(self, coupon: Coupon) -> str:
        return str(coupon.discount)

    @admin.display(description=gettext_lazy("reduces"))
    def lasts(self, coupon: Coupon) -> str:
        if coupon.duration == Coupon.Duration.REPEATING:
            return ngettext("the first payment", "the first %d payments", coupon.periods) % coupon.periods
        return str(coupon.get_duration_display())

    @admin.display(description=gettext_lazy("used"), ordering="uses")
    def used(self, coupon: Coupon) -> str:
        text = str(coupon.uses)
        if coupon.max_uses is not None:
            text = _("%(uses)d of %(limit)d") % {"uses": coupon.uses, "limit": coupon.max_uses}
        url = reverse("admin:subscriptions_order_changelist", query={"coupon": coupon.code})
        return format_html('<a href="{}">{}</a>', url, text) if coupon.uses else text

    @admin.display(description=gettext_lazy("state"), ordering="archived_at")
    def state(self, coupon: Coupon) -> str:
        if coupon.archived_at is not None:
            return _("archived")
        return _("valid") if coupon.is_valid(timezone.now()) else _("not valid now")

    @admin.action(
        description=gettext_lazy("Archive"),
        permissions=["change"],
        location=[ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM],
    )
    def archive(self, request: HttpRequest, coupons: QuerySet[Coupon]) -> None:
        usable = list(coupons.filter(archived_at=None))
        with transaction.atomic(), log_changes(usable, by=user_of(request), message=_("Archived.")):
            Coupon.objects.filter(pk__in=[coupon.pk for coupon in usable]).update(archived_at=timezone.now())
        number = len(usable)
        message = ngettext(
            "%d coupon archived. Discounts already given are unchanged.",
            "%d coupons archived. Discounts already given are unchanged.",
            number,
        )
        self.message_user(request, message % number)

    def _is_used(self, coupon: Coupon | None) -> bool:
        return coupon is not None and coupon.redemptions.exists()
