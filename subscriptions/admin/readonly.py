"""Parts that the admins of this app share."""

from django.db import models
from django.urls import reverse
from django.utils.html import format_html

from subscriptions.models import Order, Payment
from truthlytics.audit.admin import ReadOnly
from truthlytics.publication.countries import country_name
from truthlytics.web.generic import TabularInline
from truthlytics.web.users import User


class ReadOnlyTable(ReadOnly, TabularInline[models.Model, models.Model]):
    """Rows as a plain table; `fields` are its columns."""

    template = "admin/subscriptions/readonly_table.html"
    view_on_site = False


def reader_link(user: User) -> str:
    """Link the email address of `user` to their page."""
    return format_html('<a href="{}">{}</a>', reverse("admin:subscriptions_user_change", args=[user.pk]), user.email)


def billing_text(sale: Order | Payment) -> str:
    """Return the buyer's details of an order or payment in one line."""
    lines = [sale.company, *sale.address.splitlines(), country_name(sale.country), sale.vat_id]
    return ", ".join(line for line in lines if line) or "–"
