"""The list of what a publisher needs before it sells, and the button that begins it."""

from dataclasses import dataclass
from functools import partial

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from articles.models import Page, Purpose
from articles.models.pages import REQUIRED_TO_SELL
from articles.services.standard_pages import missing_required_pages
from subscriptions.providers import offered_providers
from truthlytics.audit.log import log_action
from truthlytics.publication import get_publication, sender
from truthlytics.publication.models import Publication
from truthlytics.web.users import user_of

PERMISSION = "truthlytics.change_publication"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that has to be there before a publication sells, and where to get it."""

    label: str | Promise
    is_done: bool
    url: str


class BeginForm(forms.Form):
    """The reason is required while something is missing."""

    reason = forms.CharField(
        label=gettext_lazy("Why you sell without it"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("Kept in the audit log."),
        error_messages={"required": gettext_lazy("Say why, or complete the list first.")},
    )


def items() -> list[Item]:
    """Return the list with what is done of it. Asks no provider and sends nothing."""
    missing = {page.purpose: page for page in missing_required_pages()}
    found = [_page(purpose, missing.get(purpose)) for purpose in REQUIRED_TO_SELL]
    publication = get_publication()
    has_tax = publication.tax_rate is not None or publication.small_business or settings.STRIPE_AUTOMATIC_TAX
    page = "admin:truthlytics_{}settings_changelist"
    return [
        *found,
        Item(_("Tax: a rate, the small-business scheme, or Stripe"), bool(has_tax), reverse(page.format("tax"))),
        Item(_("A bank account or cards"), bool(offered_providers()), reverse(page.format("payment"))),
        Item(_("An email that has arrived"), email_has_arrived(), reverse(page.format("email"))),
    ]


def _page(purpose: Purpose, missing: Page | None) -> Item:
    """`missing` is the page if it is not public, unsaved if there is no draft."""
    label = _("The public page “%(page)s”") % {"page": purpose.label}
    if missing is None or missing.pk is None:
        return Item(label, missing is None, reverse("admin:articles_page_changelist"))
    return Item(label, False, reverse("admin:articles_page_change", args=[missing.pk]))


def email_has_arrived() -> bool:
    """Return whether a test email with the present sender has arrived, as the publisher said."""
    return get_publication().email_arrived_from == sender()


def paths(site: AdminSite) -> list[URLPattern]:
    return [path("selling/", site.admin_view(partial(selling, site=site)), name="selling")]


@require_http_methods(["GET", "HEAD", "POST"])
def selling(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show the list; POST begins to sell, with a reason if the list is not complete. Idempotent."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    found = items()
    form = BeginForm(request.POST if request.method == "POST" else None)
    form.fields["reason"].required = not all(item.is_done for item in found)
    if request.method == "POST" and form.is_valid():
        _begin(request, form.cleaned_data["reason"])
        return redirect("admin:selling")
    context = site.each_context(request) | {
        "title": _("Before you sell"),
        "items": found,
        "waits": get_publication().selling_waits_since is not None,
        "reason": get_publication().selling_reason,
        "form": form,
        "is_complete": not form.fields["reason"].required,
    }
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/selling.html", context, status=status)


def _begin(request: HttpRequest, reason: str) -> None:
    publication = Publication.objects.filter(selling_waits_since__isnull=False).first()
    if publication is None:
        return
    publication.selling_waits_since, publication.selling_reason = None, reason
    publication.save(update_fields=["selling_waits_since", "selling_reason", "updated_at"])
    message = _("Began to sell. %(reason)s") % {"reason": reason}
    log_action(by=user_of(request), row=publication, message=message.strip())
    messages.success(request, _("Your prices are on sale now."))
