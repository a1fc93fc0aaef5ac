"""The page Settings → Log in: providers to log in with, and where staff are logged in."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from subscriptions.devices import device_name
from subscriptions.identity.staff import LOGGED_IN_WITH
from subscriptions.identity.trust import PUBLIC
from subscriptions.models import LoginProvider
from subscriptions.services.sessions import end_staff_sessions, staff_sessions
from truthlytics.audit.log import AuditEntry, log_action, log_changes, snapshot
from truthlytics.newsroom.record_settings import check_permission
from truthlytics.newsroom.settings_admin import PartAdmin
from truthlytics.newsroom.settings_pages import settings_pages
from truthlytics.publication import get_publication
from truthlytics.publication.models import Publication
from truthlytics.publication.proxies import LoginSettings
from truthlytics.web.form_fields import SafeModelMultipleChoiceField
from truthlytics.web.generic import ModelForm
from truthlytics.web.users import user_of

PAGE = "admin:truthlytics_loginsettings_changelist"
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


class ProviderForm(ModelForm[LoginProvider]):
    class Meta:
        model = LoginProvider
        fields = ["is_on", "label", "domains", "roles"]
        field_classes = {"roles": SafeModelMultipleChoiceField}
        widgets = {
            "domains": forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
            "roles": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_label(self) -> str:
        return " ".join(self.cleaned_data["label"].split())

    def clean_domains(self) -> str:
        domains = self.cleaned_data["domains"].lower().replace("@", "").split()
        for domain in domains:
            if not _DOMAIN.fullmatch(domain):
                raise ValidationError(_("“%(domain)s” is not a domain such as example.org.") % {"domain": domain})
            if domain in PUBLIC:
                text = _("Anyone can have an address at %(domain)s, so it is not your organisation’s own.")
                raise ValidationError(text % {"domain": domain})
        return "\n".join(dict.fromkeys(domains))

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        roles = data.get("roles")
        if not roles or "domains" in self.errors:
            return data
        by = user_of(self.request)
        is_affected = by.is_superuser or by.groups.filter(pk__in=roles).exists()
        if not data.get("is_on"):
            self.add_error("roles", _("Switch the provider on, or choose no roles."))
        elif not data.get("domains"):
            self.add_error("roles", _("Enter the domains in which their addresses are, or choose no roles."))
        elif is_affected and self.request.session.get(LOGGED_IN_WITH) != self.instance.slug:
            text = _(
                "Save the domains first, and log in with %(provider)s yourself. Otherwise you would lock yourself out."
            )
            self.add_error("roles", text % {"provider": self.instance})
        return data


class IdleForm(ModelForm[LoginSettings]):
    class Meta:
        model = LoginSettings
        fields = ["staff_idle_minutes"]
        widgets = {"staff_idle_minutes": forms.NumberInput(attrs={"min": 5, "max": 20160})}


class LoginAdmin(PartAdmin):
    """Settings → Log in. It shows several forms instead of one of the row."""

    title = gettext_lazy("Log in")
    page_name = gettext_lazy("Log in")

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("", show, "changelist"),
            self.view_path("providers/<slug:slug>/", change_provider, "change_login_provider"),
            self.view_path("idle/", change_idle, "change_idle"),
            self.view_path("sessions/", end_all, "end_staff_sessions"),
            self.view_path("sessions/<int:pk>/", end_one, "end_staff_session"),
        ]

    def page(
        self, request: HttpRequest, form: ProviderForm | None = None, idle: IdleForm | None = None, status: int = 200
    ) -> HttpResponse:
        """Render the page. `form` and `idle` are forms that were refused."""
        providers = []
        for provider in LoginProvider.objects.configured():
            is_refused = form is not None and form.instance.slug == provider.slug
            own = form if is_refused else _provider_form(request, provider)
            providers.append((provider, own))
        context = self.view_context(
            request,
            title=self.title,
            pages=settings_pages(self),
            providers=providers,
            idle=idle or IdleForm(instance=_row()),
            sessions=staff_sessions(),
            own_session=request.session.session_key,
        )
        return TemplateResponse(request, "admin/truthlytics/login_settings.html", context, status=status)


def _provider_form(request: HttpRequest, provider: LoginProvider, data: QueryDict | None = None) -> ProviderForm:
    return ProviderForm(data, instance=provider, prefix=provider.slug, request=request)


def _row() -> LoginSettings:
    Publication.objects.get_or_create(pk=1)
    return LoginSettings.objects.get(pk=1)


@require_safe
def show(request: HttpRequest, *, admin: LoginAdmin) -> HttpResponse:
    check_permission(request)
    return admin.page(request)


@require_POST
def change_provider(request: HttpRequest, slug: str, *, admin: LoginAdmin) -> HttpResponse:
    check_permission(request)
    provider = next((row for row in LoginProvider.objects.configured() if row.slug == slug), None)
    if provider is None:
        raise Http404("There is no such provider.")
    form = _provider_form(request, provider, request.POST)
    if not form.is_valid():
        return admin.page(request, form, status=422)
    if provider.pk is None:
        form.save()
        after = snapshot(provider)
        log_action(by=user_of(request), row=provider, action=AuditEntry.Action.ADDED, after=after)
    else:
        with log_changes([LoginProvider.objects.get(pk=provider.pk)], by=user_of(request)):
            form.save()
    admin.message_user(request, _("“%(name)s” is saved.") % {"name": provider})
    return redirect(PAGE)


@require_POST
def change_idle(request: HttpRequest, *, admin: LoginAdmin) -> HttpResponse:
    check_permission(request)
    row = _row()
    form = IdleForm(request.POST, instance=row)
    if not form.is_valid():
        return admin.page(request, idle=form, status=422)
    with log_changes([Publication.objects.get(pk=1)], by=user_of(request)):
        form.save()
    admin.message_user(request, _("Your settings are saved and live."), messages.SUCCESS)
    return redirect(PAGE)


@require_POST
def end_one(request: HttpRequest, pk: int, *, admin: LoginAdmin) -> HttpResponse:
    """Log a member of staff out on one device."""
    check_permission(request)
    session = get_object_or_404(staff_sessions(), pk=pk)
    session.end()
    values = {"user": session.user, "device": device_name(session.user_agent)}
    log_action(by=user_of(request), row=session.user, message=f"Logged out on a device: {values['device']}.")
    admin.message_user(request, _("%(user)s is logged out on %(device)s.") % values, messages.SUCCESS)
    return redirect(PAGE)


@require_POST
def end_all(request: HttpRequest, *, admin: LoginAdmin) -> HttpResponse:
    """Log all staff out, except in this session."""
    check_permission(request)
    count = end_staff_sessions(but=request.session.session_key or "")
    log_action(by=user_of(request), row=get_publication(), message=f"{count} sessions of staff ended")
    text = ngettext("%(count)d session has ended.", "%(count)d sessions have ended.", count)
    admin.message_user(request, text % {"count": count}, messages.SUCCESS)
    return redirect(PAGE)
