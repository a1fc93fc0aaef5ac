"""The admin of addresses that get newsletters: where the consent came from, and why an address gets nothing."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from articles.admin.base import BaseAdmin
from articles.admin.formatting import short_datetime
from truthlytics.audit.admin import ReadOnly
from truthlytics.audit.log import log_action, log_changes
from truthlytics.newsletters.models import Address, Delivery, Newsletter, SignUp
from truthlytics.newsletters.services.events import resume
from truthlytics.web.csv_files import csv_response
from truthlytics.web.generic import TabularInline
from truthlytics.web.ids import parse_id
from truthlytics.web.long_lists import KeyPaginator, SelectFilter
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import Choices
from truthlytics.web.users import user_of

EXPORT = "newsletters.export_address"
MAX_SEARCH_LENGTH, MAX_DELIVERIES = 254, 10
COLUMNS = ("email", "newsletter", "source", "asked_at", "confirmed_at", "ended_at", "state", "origin")


class NewsletterFilter(SelectFilter):
    """Those who get a newsletter, or would if nothing else kept it from them."""

    title = gettext_lazy("newsletter")
    parameter_name = "newsletter"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Newsletter.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Address]) -> QuerySet[Address]:
        if not self.value():
            return queryset
        pk = parse_id(self.value())
        active = SignUp.objects.active().filter(newsletter=pk or 0, address=OuterRef("pk"))
        return queryset.filter(Exists(active))


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        return [
            ("active", gettext_lazy("Gets emails")),
            ("suppressed", gettext_lazy("Turned off")),
            ("paused", gettext_lazy("Paused")),
            ("left", gettext_lazy("Has left all newsletters")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Address]) -> QuerySet[Address]:
        now = timezone.now()
        active = Exists(SignUp.objects.active().filter(address=OuterRef("pk")))
        conditions = {
            "active": Q(active) & Q(suppressed_at=None) & (Q(paused_until=None) | Q(paused_until__lte=now)),
            "suppressed": Q(suppressed_at__isnull=False),
            "paused": Q(paused_until__gt=now),
            "left": ~Q(active),
        }
        condition = conditions.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition)


class SignUpInline(ReadOnly, TabularInline[SignUp, Address]):
    """What the address signed up for: the proof of consent."""

    model = SignUp
    template = "admin/subscriptions/readonly_table.html"
    fields = ("newsletter", "source", "origin", "asked_at", "confirmed_at", "ended_at")
    verbose_name_plural = gettext_lazy("Newsletters")

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Everyone who can see the address can see what it signed up for."""
        return True

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignUp]:
        return super().get_queryset(request).select_related("newsletter")


@admin.register(Address)
class AddressAdmin(ReadOnly, BaseAdmin):
    """Readers choose themselves what they get. The newsroom only turns emails on again that were turned off."""

    purpose = gettext_lazy("Readers who have signed up for a newsletter, and confirmed it, appear here.")
    list_display = ("email", "newsletters", "consent", "state")
    list_filter = (NewsletterFilter, StateFilter)
    ordering = ("-pk",)
    paginator = KeyPaginator
    show_facets = admin.ShowFacets.NEVER
    # Shows the field; `get_search_results` looks.
    search_fields = ("pk",)
    search_help_text = gettext_lazy("Enter a complete email address")
    fields = readonly_fields = ("email", "account", "state", "deliveries")
    inlines = (SignUpInline,)
    change_form_template = "admin/newsletters/address_change_form.html"
    change_list_template = "admin/newsletters/address_change_list.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("csv/", csv_file, "csv"),
            self.view_path("<int:pk>/resume/", resume_page, "resume"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Address]:
        sign_ups = SignUp.objects.active().select_related("newsletter").order_by("newsletter__position", "pk")
        addresses: QuerySet[Address] = super().get_queryset(request)
        return addresses.prefetch_related(Prefetch("sign_ups", sign_ups, to_attr="active_sign_ups"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Address], search_term: str
    ) -> tuple[QuerySet[Address], bool]:
        """Find the whole address only, so that the list can't be searched for names or domains."""
        term = strip_control_characters(search_term[:MAX_SEARCH_LENGTH]).strip().lower()
        return (queryset.alias(lower=Lower("email")).filter(lower=term) if term else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"may_export": request.user.has_perm(EXPORT)} | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        context = {"may_resume": self.may_resume(request)} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    def may_resume(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("newsletters.change_address"))

    @admin.display(description=gettext_lazy("newsletters"), empty_value="–")
    def newsletters(self, address: Any) -> str | None:
        return ", ".join(str(row.newsletter) for row in address.active_sign_ups) or None

    @admin.display(description=gettext_lazy("consent"), empty_value="–")
    def consent(self, address: Any) -> str | None:
        """The source and time of the first consent that still holds."""
        first = min(address.active_sign_ups, key=lambda row: row.confirmed_at, default=None)
        return f"{first.get_source_display()}, {short_datetime(first.confirmed_at)}" if first is not None else None

    @admin.display(description=gettext_lazy("state"))
    def state(self, address: Any) -> str:
        return state_of(address)

    @admin.display(description=gettext_lazy("account"))
    def account(self, address: Address) -> str:
        if address.user is None:
            return _("None")
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:subscriptions_user_change", args=[address.user_id]), address.user
        )

    @admin.display(description=gettext_lazy("last emails"))
    def deliveries(self, address: Address) -> str:
        rows = Delivery.objects.filter(address=address).select_related("issue").order_by("-pk")[:MAX_DELIVERIES]
        lines = [" – ".join(filter(None, (str(row.issue), row.get_state_display(), row.answer))) for row in rows]
        return format_html("<br>".join(["{}"] * len(lines)), *lines) if lines else _("None yet")


def state_of(address: Address) -> str:
    """Return a sentence that says whether `address` gets newsletters, and why not."""
    if address.suppressed_at is not None:
        values = {"why": address.get_suppression_display(), "at": short_datetime(address.suppressed_at)}
        sentence = _("Turned off: %(why)s (%(at)s).") % values
        return f"{sentence} {address.suppression_detail}".strip()
    if address.paused_until is not None and address.paused_until > timezone.now():
        return _("Paused until %(at)s, because emails could not be delivered.") % {
            "at": short_datetime(address.paused_until)
        }
    return _("Gets emails")


@require_http_methods(["GET", "HEAD", "POST"])
def resume_page(request: HttpRequest, pk: int, admin: AddressAdmin) -> HttpResponse:
    """Ask whether to send to the address again; POST does."""
    address: Address = admin.get_object(request, str(pk))
    if not admin.may_resume(request):
        raise PermissionDenied
    is_off = address.suppressed_at is not None or address.paused_until is not None
    if request.method == "POST":
        if is_off:
            with log_changes([address], by=user_of(request), message=_("Newsletters turned on again.")):
                resume(address)
            admin.message_user(request, _("This address gets emails again."), messages.SUCCESS)
        return redirect("admin:newsletters_address_change", pk)
    context = admin.view_context(
        request,
        title=_("Turn emails on again"),
        original=address,
        button=_("Turn on again") if is_off else "",
        text=f"{state_of(address)} {_('Turn it on again only if its owner asked you to.')}"
        if is_off
        else _("Nothing is turned off for this address."),
    )
    return TemplateResponse(request, "admin/newsletters/action.html", context)


@require_safe
def csv_file(request: HttpRequest, admin: AddressAdmin) -> HttpResponseBase:
    """Send the sign-ups of the addresses in the list, as filtered. Logged, since the file leaves the newsroom."""
    if not request.user.has_perm(EXPORT) or not admin.has_view_permission(request):
        raise PermissionDenied
    try:
        addresses = admin.get_changelist_instance(request).get_queryset(request)
    except IncorrectLookupParameters:
        return redirect("admin:newsletters_address_changelist")
    rows = SignUp.objects.filter(address__in=addresses.prefetch_related(None).order_by().values("pk"))
    newsletter = parse_id(request.GET.get("newsletter", ""))
    if newsletter:
        rows = rows.filter(newsletter=newsletter)
    log_action(by=user_of(request), row=user_of(request), message=_("Exported readers of newsletters as CSV."))
    file = f"newsletter-readers-{timezone.localdate():%Y-%m-%d}.csv"
    return csv_response(file, _cells(rows.select_related("address", "newsletter").order_by("pk")))


def _cells(rows: QuerySet[SignUp]) -> Iterator[list[object]]:
    yield list(COLUMNS)
    for row in rows.iterator(chunk_size=2000):
        times = [
            row.asked_at.isoformat(),
            row.confirmed_at.isoformat(),
            row.ended_at.isoformat() if row.ended_at else "",
        ]
        yield [
            row.address.email,
            row.newsletter.name,
            row.source,
            *times,
            row.address.suppression or "active",
            row.origin,
        ]
