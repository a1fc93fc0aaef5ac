"""Admin for subscriptions and grants, both written by services."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from subscriptions.admin import money_actions
from subscriptions.admin.filters import CancelledFilter, RevokedFilter
from subscriptions.admin.readonly import ReadOnlyTable, reader_link
from subscriptions.admin.support import OWN_ACCOUNT, refused_for_oneself
from subscriptions.models import Grant, Subscription, SubscriptionChange, User
from subscriptions.services.sentences import day, state_sentence, unconfirmed_sentence
from truthlytics.audit.admin import AuditedAdmin, ReadOnly
from truthlytics.audit.log import log_changes
from truthlytics.web.form_fields import SafeAutocompleteSelect
from truthlytics.web.option_filters import OptionFilter
from truthlytics.web.text import split_words
from truthlytics.web.types import FormClass
from truthlytics.web.users import user_of


class ChangeInline(ReadOnlyTable):
    model = SubscriptionChange
    fields = ("at", "event", "was", "became", "actor", "note")
    verbose_name_plural = pgettext_lazy("newsroom", "History")


class UnconfirmedFilter(OptionFilter):
    title = _("provider")
    parameter_name = "unconfirmed"
    options = {"yes": (_("Cancellation or end not confirmed"), lambda contracts: contracts.unconfirmed())}


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnly, AuditedAdmin):
    purpose = _("Readers’ subscriptions, running and ended. They begin with a paid order.")
    list_display = ("user_email", "plan", "status", "provider", "period_end", "cancel_at", "ended_at")
    fields = split_words(
        "reader plan state status first_subscribed provider provider_ref card anchor period_start period_end cancel_at "
        "past_due_since ended_at end_reason synced_at"
    )
    readonly_fields = ("reader", "plan", "state", "first_subscribed")
    list_filter = (
        UnconfirmedFilter,
        "status",
        ("provider", admin.AllValuesFieldListFilter),
        "end_reason",
        ("cancel_at", CancelledFilter),
        "price__plan",
    )
    list_select_related = ("user", "price__plan")
    search_fields = ("user__email", "user__display_name", "provider_ref")
    inlines = (ChangeInline,)

    @admin.display(description=_("reader"), ordering="user__email")
    def user_email(self, subscription: Subscription) -> str:
        return subscription.user.email

    @admin.display(description=_("state"))
    def state(self, subscription: Subscription) -> str:
        return " ".join([state_sentence(subscription), unconfirmed_sentence(subscription)])

    @admin.display(description=_("reader’s first subscription"))
    def first_subscribed(self, subscription: Subscription) -> str:
        first = subscription.first_subscribed_at
        return day(first) if first else "–"

    def get_urls(self) -> list[URLPattern]:
        return [self.view_path("<int:pk>/end/", money_actions.end, "end"), *super().get_urls()]

    @admin.display(description=_("reader"))
    def reader(self, subscription: Subscription) -> str:
        return reader_link(subscription.user)

    @admin.display(description=_("plan"), ordering="price")
    def plan(self, subscription: Subscription) -> str:
        return str(subscription.price)


class ComplimentaryGrantForm(forms.ModelForm[Grant]):
    """Complimentary access given by an editor."""

    class Meta:
        model = Grant
        fields = ("user", "level", "may_comment", "starts_at", "ends_at", "note")

    # The member of staff who gives the access.
    giver: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "ends_at" in self.fields:
            self.fields["starts_at"].initial = timezone.now
            self.fields["ends_at"].initial = timezone.now() + timedelta(days=365)

    def clean_user(self) -> User:
        reader: User = self.cleaned_data["user"]
        if refused_for_oneself(reader, self.giver, gettext("Give access.")):
            raise forms.ValidationError(OWN_ACCOUNT)
        return reader


@admin.register(Grant)
class GrantAdmin(AuditedAdmin):
    uses_django_scripts = True
    purpose = _("Who may read what, until when: paid for, given, or a gift.")
    form = ComplimentaryGrantForm
    list_display = ("user_email", "level", "may_comment", "starts_at", "ends_at", "source", "revoked_at")
    list_filter = ("level", "source", "ends_at", ("revoked_at", RevokedFilter))
    list_select_related = ("user",)
    search_fields = ("user__email", "user__display_name", "note")
    autocomplete_fields = ("user",)
    actions = ("revoke",)

    @admin.display(description=_("reader"), ordering="user__email")
    def user_email(self, grant: Grant) -> str:
        return grant.user.email

    def get_form(
        self, request: HttpRequest, obj: Grant | None = None, change: bool = False, **kwargs: object
    ) -> FormClass:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"giver": request.user})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: object) -> Any:
        if db_field.name == "user":
            kwargs["widget"] = SafeAutocompleteSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Grant | None = None) -> bool:
        """Allow changes to running complimentary grants only; paid ones follow their subscription."""
        given = obj is None or (obj.source == Grant.Source.COMP and obj.revoked_at is None)
        return given and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Grant | None = None) -> bool:
        return False

    @admin.action(description=_("Revoke now"), permissions=["change"])
    def revoke(self, request: HttpRequest, grants: QuerySet[Grant]) -> None:
        mine = grants.filter(source=Grant.Source.COMP, revoked_at=None)
        with transaction.atomic(), log_changes(list(mine), by=user_of(request), message=gettext("Revoked.")):
            count = mine.update(revoked_at=timezone.now(), revoked_by=str(request.user)[:60])
        message = ngettext(
            "%d grant revoked. To end paid access, end the subscription.",
            "%d grants revoked. To end paid access, end the subscription.",
            count,
        )
        self.message_user(request, message % count)
