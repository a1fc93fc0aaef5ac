"""Admin for subscriptions and grants, both written by services."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from subscriptions.admin.readonly import ReadOnly, reader_link
from subscriptions.models import Grant, Subscription, SubscriptionChange
from subscriptions.services import lifecycle
from subscriptions.states import IllegalTransition
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.audit.log import log_changes
from truthlytics.web.form_fields import SafeAutocompleteSelect


class ChangeInline(ReadOnly, admin.TabularInline):
    model = SubscriptionChange
    fields = ("at", "event", "was", "became", "actor", "note")
    verbose_name_plural = _("History")


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnly, AuditedAdmin):
    list_display = ("user_email", "plan", "status", "period_start", "period_end", "cancel_at", "ended_at")
    fields = (
        "reader", "plan", "status", "provider", "period_start", "period_end", "cancel_at", "ended_at", "end_reason",
    )  # fmt: skip
    readonly_fields = ("reader", "plan")
    list_filter = ("status", "provider", "end_reason", ("cancel_at", admin.EmptyFieldListFilter))
    list_select_related = ("user", "price__plan")
    search_fields = ("user__email", "user__display_name")
    inlines = (ChangeInline,)
    actions = ("end_now",)

    @admin.display(description=_("reader"), ordering="user__email")
    def user_email(self, subscription: Subscription) -> str:
        return subscription.user.email

    @admin.display(description=_("reader"))
    def reader(self, subscription: Subscription) -> str:
        return reader_link(subscription.user)

    @admin.display(description=_("plan"), ordering="price")
    def plan(self, subscription: Subscription) -> str:
        return str(subscription.price)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("subscriptions.change_subscription")

    @admin.action(description=_("End now and revoke access"), permissions=["end"])
    def end_now(self, request: HttpRequest, subscriptions: QuerySet[Subscription]) -> None:
        ended = 0
        for subscription in subscriptions:
            try:
                with transaction.atomic(), log_changes([subscription], by=request.user, message="Ended."):
                    lifecycle.end_by_editor(subscription=subscription, now=timezone.now(), actor=str(request.user))
                ended += 1
            except IllegalTransition as error:
                self.message_user(request, str(error), messages.WARNING)
        message = ngettext(
            "%d subscription ended. Refund payments manually.",
            "%d subscriptions ended. Refund payments manually.",
            ended,
        )
        self.message_user(request, message % ended)


class ComplimentaryGrantForm(forms.ModelForm[Grant]):
    """Complimentary access given by an editor."""

    class Meta:
        model = Grant
        fields = ("user", "level", "may_comment", "starts_at", "ends_at", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "ends_at" in self.fields:
            self.fields["starts_at"].initial = timezone.now
            self.fields["ends_at"].initial = timezone.now() + timedelta(days=365)


@admin.register(Grant)
class GrantAdmin(AuditedAdmin):
    form = ComplimentaryGrantForm
    list_display = ("user_email", "level", "may_comment", "starts_at", "ends_at", "source", "revoked_at")
    list_filter = ("level", "source", "ends_at", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("user__email", "user__display_name", "note")
    autocomplete_fields = ("user",)
    actions = ("revoke",)

    @admin.display(description=_("reader"), ordering="user__email")
    def user_email(self, grant: Grant) -> str:
        return grant.user.email

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
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
        with transaction.atomic(), log_changes(list(mine), by=request.user, message="Revoked."):
            count = mine.update(revoked_at=timezone.now(), revoked_by=str(request.user)[:60])
        message = ngettext(
            "%d grant revoked. To end paid access, end the subscription.",
            "%d grants revoked. To end paid access, end the subscription.",
            count,
        )
        self.message_user(request, message % count)
