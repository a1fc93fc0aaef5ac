"""Programs that receive events, in Settings → Connections, and what was sent to each."""

import time

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from truthlytics.audit.log import AuditEntry, log_action, log_changes
from truthlytics.contrib.webhooks.delivering import REQUEST_TIMEOUT, deliver_soon, serve, tell_test
from truthlytics.events.models import Delivery, Endpoint, choices
from truthlytics.newsroom.connection_settings import PAGE, connections_page, page_below
from truthlytics.newsroom.record_settings import check_permission
from truthlytics.web.generic import ModelForm
from truthlytics.web.public_http import RefusedError, local_target, target_of
from truthlytics.web.rate_limits import allow
from truthlytics.web.slots import show_in
from truthlytics.web.users import user_of

ENDPOINT = "admin:webhook"
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


@show_in("connections")
def endpoints(request: HttpRequest) -> str:
    """Show the endpoints and a form for another one. `add` says which one was refused."""
    form = getattr(request, "refused_endpoint_form", None) or EndpointForm()
    context = {"endpoints": Endpoint.objects.listed(), "form": form}
    return render_to_string("admin/webhooks/_endpoints.html", context, request)


def paths(site: AdminSite) -> list[URLPattern]:
    below, view = "truthlytics/connectionsettings/endpoints/", site.admin_view
    return [
        path(below, view(add), name="add_webhook"),
        path(f"{below}<int:pk>/", view(show_endpoint), name="webhook"),
        path(f"{below}<int:pk>/change/", view(change), name="change_webhook"),
        path(f"{below}<int:pk>/secret/", view(rotate), name="rotate_webhook_secret"),
        path(f"{below}<int:pk>/test/", view(test), name="test_webhook"),
        path(f"{below}<int:pk>/switch/", view(switch), name="switch_webhook"),
        path(f"{below}<int:pk>/removal/", view(remove), name="remove_webhook"),
        path(f"{below}<int:pk>/deliveries/<int:number>/", view(send_again), name="send_webhook_again"),
    ]


def _page(request: HttpRequest, endpoint: Endpoint, form: EndpointForm, status: int = 200) -> HttpResponse:
    deliveries = Delivery.objects.filter(endpoint=endpoint).select_related("event").prefetch_related("attempts")
    return page_below(
        request,
        "admin/webhooks/endpoint.html",
        endpoint.description,
        status,
        endpoint=endpoint,
        form=form,
        secret=request.session.pop(SHOWN_ONCE, ""),
        deliveries=deliveries[:SHOWN],
        waiting=deliveries.waiting().count(),
    )


def _endpoint(request: HttpRequest, pk: int) -> Endpoint:
    check_permission(request)
    return get_object_or_404(Endpoint.objects.listed(), pk=pk)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    check_permission(request)
    form = EndpointForm(request.POST)
    if not form.is_valid():
        request.refused_endpoint_form = form  # type: ignore[attr-defined]
        return connections_page(request, status=422)
    endpoint = form.save()
    log_action(by=user_of(request), row=endpoint, action=AuditEntry.Action.ADDED)
    if endpoint.format == Endpoint.Format.WEBHOOK:
        request.session[SHOWN_ONCE] = endpoint.secret
    messages.info(request, _("“%(name)s” is connected. Send it a test.") % {"name": endpoint})
    return redirect(ENDPOINT, endpoint.pk)


@require_safe
def show_endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = _endpoint(request, pk)
    return _page(request, endpoint, EndpointForm(instance=endpoint))


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = _endpoint(request, pk)
    form = EndpointForm(request.POST, instance=_endpoint(request, pk))
    if not form.is_valid():
        return _page(request, endpoint, form, status=422)
    with log_changes([endpoint], by=user_of(request)):
        form.save()
    messages.info(request, _("The connection is saved."))
    return redirect(ENDPOINT, pk)


@require_POST
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new secret. It is shown once; the former one signs for another day."""
    endpoint = _endpoint(request, pk)
    request.session[SHOWN_ONCE] = endpoint.rotate_secret(timezone.now())
    log_action(by=user_of(request), row=endpoint, message="New secret")
    return redirect(ENDPOINT, pk)


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test at once, after what waits already, and say how it ended."""
    endpoint = _endpoint(request, pk)
    if not allow(request, "test-webhook", per_account=30, per_address=60, seconds=3600):
        return TemplateResponse(request, "429.html", status=429)
    delivery = tell_test(endpoint, timezone.now())
    serve(pk, time.monotonic() + REQUEST_TIMEOUT)
    delivery.refresh_from_db()
    if delivery.delivered_at:
        messages.success(request, _("“%(name)s” has accepted the test.") % {"name": endpoint})
    elif delivery.first_attempt_at:
        text = _("“%(name)s” has not accepted the test. The list below says why.") % {"name": endpoint}
        messages.error(request, text)
    else:
        messages.warning(request, _("The test waits for what is to be sent before it."))
    return redirect(ENDPOINT, pk)


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
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
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = _endpoint(request, pk)
    endpoint.remove(timezone.now())
    log_action(by=user_of(request), row=endpoint, action=AuditEntry.Action.REMOVED)
    messages.info(request, _("“%(name)s” was removed from the list.") % {"name": endpoint})
    return redirect(PAGE)


@require_POST
def send_again(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    endpoint = _endpoint(request, pk)
    delivery = get_object_or_404(Delivery, endpoint=endpoint, number=number)
    delivery.send_again()
    log_action(by=user_of(request), row=endpoint, message=f"{delivery.number} sent again")
    deliver_soon()
    messages.info(request, _("It is sent again."))
    return redirect(ENDPOINT, pk)
