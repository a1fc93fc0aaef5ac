"""The page Settings → Connections: programs that receive events, and what was sent to each.

Features and plug-ins show more in its slot.
"""

import time
from typing import cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from truthlytics.audit.log import AuditEntry, log_action, log_changes
from truthlytics.events.kinds import choices
from truthlytics.events.models import Delivery, Endpoint
from truthlytics.events.services.delivering import REQUEST_TIMEOUT, deliver_soon, serve
from truthlytics.events.services.telling import tell_test
from truthlytics.newsroom.record_settings import check_permission
from truthlytics.newsroom.settings_admin import PartAdmin
from truthlytics.newsroom.settings_pages import settings_pages
from truthlytics.publication.proxies import ConnectionSettings
from truthlytics.web.generic import ModelForm
from truthlytics.web.public_http import RefusedError, local_target, target_of
from truthlytics.web.rate_limits import allow
from truthlytics.web.users import user_of

PAGE = "admin:truthlytics_connectionsettings_changelist"
ENDPOINT = "admin:truthlytics_connectionsettings_endpoint"
# Deliveries in the list of an endpoint.
SHOWN = 50
# The session's key of a secret that is shown on the next page and then never again.
SHOWN_ONCE = "shown_once"


class EndpointForm(ModelForm[Endpoint]):
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one event.")},
    )

    class Meta:
        model = Endpoint
        fields = ["description", "url", "format", "kinds", "with_emails"]
        widgets = {"url": forms.URLInput(attrs={"size": 60})}
        labels = {
            "description": gettext_lazy("Name"),
            "with_emails": gettext_lazy("Send the email addresses of readers"),
        }
        help_texts = {
            "url": gettext_lazy("The address that the other program gives you. It begins with https://."),
            "with_emails": gettext_lazy("With events about accounts, subscriptions, payments and gifts."),
        }

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        if (settings.DEBUG or settings.TESTING) and local_target(url):
            return url
        try:
            if target_of(url).scheme == "https":
                return url
        except RefusedError:
            pass
        raise ValidationError(_("Enter a public address that begins with https://."))


class ConnectionAdmin(PartAdmin):
    """Settings → Connections. It shows lists instead of a form of the row."""

    title = gettext_lazy("Connections")
    page_name = gettext_lazy("Connections")

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("", show, "changelist"),
            self.view_path("endpoints/", add, "add_endpoint"),
            self.view_path("endpoints/<int:pk>/", show_endpoint, "endpoint"),
            self.view_path("endpoints/<int:pk>/change/", change, "change_endpoint"),
            self.view_path("endpoints/<int:pk>/secret/", rotate, "rotate_secret"),
            self.view_path("endpoints/<int:pk>/test/", test, "test_endpoint"),
            self.view_path("endpoints/<int:pk>/switch/", switch, "switch_endpoint"),
            self.view_path("endpoints/<int:pk>/removal/", remove, "remove_endpoint"),
            self.view_path("endpoints/<int:pk>/deliveries/<int:number>/", send_again, "send_again"),
        ]

    def page(self, request: HttpRequest, form: EndpointForm | None = None, status: int = 200) -> HttpResponse:
        """Render the page. `form` is one that was refused."""
        context = self.view_context(
            request,
            title=self.title,
            pages=settings_pages(self),
            endpoints=Endpoint.objects.listed(),
            form=form or EndpointForm(),
        )
        return TemplateResponse(request, "admin/truthlytics/connections.html", context, status=status)

    def endpoint_page(
        self, request: HttpRequest, endpoint: Endpoint, form: EndpointForm, status: int = 200
    ) -> HttpResponse:
        deliveries = Delivery.objects.filter(endpoint=endpoint).select_related("event").prefetch_related("attempts")
        context = self.view_context(
            request,
            title=endpoint.description,
            pages=settings_pages(self),
            endpoint=endpoint,
            form=form,
            secret=request.session.pop(SHOWN_ONCE, ""),
            deliveries=deliveries[:SHOWN],
            waiting=deliveries.waiting().count(),
        )
        return TemplateResponse(request, "admin/truthlytics/endpoint.html", context, status=status)


def connections_page(request: HttpRequest, status: int = 200) -> HttpResponse:
    """Return the page, for views of what features and plug-ins show in the slot `connections`."""
    check_permission(request)
    admin = cast(ConnectionAdmin, site.get_model_admin(ConnectionSettings))
    return admin.page(request, status=status)


def _endpoint(request: HttpRequest, pk: int) -> Endpoint:
    check_permission(request)
    return get_object_or_404(Endpoint.objects.listed(), pk=pk)


@require_safe
def show(request: HttpRequest, *, admin: ConnectionAdmin) -> HttpResponse:
    check_permission(request)
    return admin.page(request)


@require_POST
def add(request: HttpRequest, *, admin: ConnectionAdmin) -> HttpResponse:
    check_permission(request)
    form = EndpointForm(request.POST)
    if not form.is_valid():
        return admin.page(request, form, status=422)
    endpoint = form.save()
    log_action(by=user_of(request), row=endpoint, action=AuditEntry.Action.ADDED)
    if endpoint.format == Endpoint.Format.WEBHOOK:
        request.session[SHOWN_ONCE] = endpoint.secret
    admin.message_user(request, _("“%(name)s” is connected. Send it a test.") % {"name": endpoint})
    return redirect(ENDPOINT, endpoint.pk)


@require_safe
def show_endpoint(request: HttpRequest, pk: int, *, admin: ConnectionAdmin) -> HttpResponse:
    endpoint = _endpoint(request, pk)
    return admin.endpoint_page(request, endpoint, EndpointForm(instance=endpoint))


@require_POST
def change(request: HttpRequest, pk: int, *, admin: ConnectionAdmin) -> HttpResponse:
    endpoint = _endpoint(request, pk)
    form = EndpointForm(request.POST, instance=_endpoint(request, pk))
    if not form.is_valid():
        return admin.endpoint_page(request, endpoint, form, status=422)
    with log_changes([endpoint], by=user_of(request)):
        form.save()
    admin.message_user(request, _("The connection is saved."))
    return redirect(ENDPOINT, pk)


@require_POST
def rotate(request: HttpRequest, pk: int, *, admin: ConnectionAdmin) -> HttpResponse:
    """Make a new secret. It is shown once; the former one signs for another day."""
    endpoint = _endpoint(request, pk)
    request.session[SHOWN_ONCE] = endpoint.rotate_secret(timezone.now())
    log_action(by=user_of(request), row=endpoint, message="New secret")
    return redirect(ENDPOINT, pk)


@require_POST
def test(request: HttpRequest, pk: int, *, admin: ConnectionAdmin) -> HttpResponse:
    """Send a test at once, after what waits already, and say how it ended."""
    endpoint = _endpoint(request, pk)
    if not allow(request, "test-webhook", per_account=30, per_address=60, seconds=3600):
        return TemplateResponse(request, "429.html", status=429)
    delivery = tell_test(endpoint, timezone.now())
    serve(pk, time.monotonic() + REQUEST_TIMEOUT)
    delivery.refresh_from_db()
    if delivery.delivered_at:
        admin.message_user(request, _("“%(name)s” has accepted the test.") % {"name": endpoint}, messages.SUCCESS)
    elif delivery.first_attempt_at:
        text = _("“%(name)s” has not accepted the test. The list below says why.") % {"name": endpoint}
        admin.message_user(request, text, messages.ERROR)
    else:
        admin.message_user(request, _("The test waits for what is to be sent before it."), messages.WARNING)
    return redirect(ENDPOINT, pk)


@require_POST
def switch(request: HttpRequest, pk: int, *, admin: ConnectionAdmin) -> HttpResponse:
    """Switch an endpoint off, or on again."""
    endpoint = _endpoint(request, pk)
    with log_changes([endpoint], by=user_of(request)):
        if endpoint.disabled_at is None:
            endpoint.disable(Endpoint.Disabled.BY_HAND, timezone.now())
        else:
            endpoint.enable(timezone.now())
    deliver_soon()
    return redirect(ENDPOINT, pk)


@require_POST
def remove(request: HttpRequest, pk: int, *, admin: ConnectionAdmin) -> HttpResponse:
    endpoint = _endpoint(request, pk)
    endpoint.remove(timezone.now())
    log_action(by=user_of(request), row=endpoint, action=AuditEntry.Action.REMOVED)
    admin.message_user(request, _("“%(name)s” was removed from the list.") % {"name": endpoint})
    return redirect(PAGE)


@require_POST
def send_again(request: HttpRequest, pk: int, number: int, *, admin: ConnectionAdmin) -> HttpResponse:
    endpoint = _endpoint(request, pk)
    delivery = get_object_or_404(Delivery, endpoint=endpoint, number=number)
    delivery.send_again()
    log_action(by=user_of(request), row=endpoint, message=f"{delivery.number} sent again")
    deliver_soon()
    admin.message_user(request, _("It is sent again."))
    return redirect(ENDPOINT, pk)
