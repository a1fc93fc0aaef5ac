"""Messages from readers in the newsroom."""

from typing import Any
from urllib.parse import quote

from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from truthlytics.audit.admin import AuditedAdmin
from truthlytics.audit.log import AuditEntry, log_action, log_changes
from truthlytics.contact.models import Message
from truthlytics.publication import get_publication
from truthlytics.web.dates import local_date
from truthlytics.web.option_filters import OptionFilter
from truthlytics.web.users import user_of


class HandledFilter(OptionFilter):
    title = _("state")
    parameter_name = "state"
    options = {"waiting": (_("Waiting"), Q(handled_at=None)), "handled": (_("Handled"), Q(handled_at__isnull=False))}


class MessageAdmin(AuditedAdmin):
    """Messages are read and marked as handled, never changed. They are not searched by address."""

    purpose = _("What readers write on the contact page arrives here.")
    list_display = ("beginning", "subject", "sender", "created_at", "handled_at")
    list_filter = (HandledFilter, "subject")
    search_fields = ("text", "name")
    list_per_page = 30
    actions = ("mark_as_handled",)
    fields = readonly_fields = ("subject", "text", "name", "reply_link", "created_at", "handled")

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Message]) -> Any:
        """Log that a message was deleted, but not what it said."""
        for row in queryset:
            log_action(by=user_of(request), row=row, action=AuditEntry.Action.REMOVED)
        return None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, object], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Leave out “Save”: there is nothing to edit."""
        context |= {"show_save": False, "show_save_and_continue": False, "show_save_and_add_another": False}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("email address"))
    def reply_link(self, message: Message) -> str:
        if not message.email:
            return str(_("None, so you can’t reply."))
        subject = gettext("Your message to %(site)s") % {"site": get_publication().name}
        address = f"mailto:{quote(message.email, safe='@')}?subject={quote(subject)}"
        return format_html('{} <a class="btn" href="{}">{}</a>', message.email, address, gettext("Reply by email"))

    @admin.display(description=_("handled"))
    def handled(self, message: Message) -> str:
        if message.handled_at is None:
            return str(_("not yet"))
        at = local_date(message.handled_at, "j M Y, H:i")
        by = message.handled_by or gettext("a former colleague")
        return gettext("%(at)s by %(by)s") % {"at": at, "by": by}

    @admin.display(description=_("message"))
    def beginning(self, message: Message) -> str:
        return f"{message.text[:140]} …" if len(message.text) > 140 else message.text

    @admin.display(description=_("from"))
    def sender(self, message: Message) -> str:
        return message.name or message.email or str(_("Anonymous"))

    @admin.action(
        description=_("Mark as handled"),
        permissions=["change"],
        location=[ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM],
    )
    def mark_as_handled(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        rows = list(queryset.waiting())  # type: ignore[attr-defined]
        with log_changes(by=user_of(request), rows=rows):
            count = Message.objects.filter(pk__in=[row.pk for row in rows], handled_at=None).update(
                handled_at=timezone.now(), handled_by=request.user
            )
        text = ngettext("%(count)d message marked as handled.", "%(count)d messages marked as handled.", count)
        messages.success(request, text % {"count": count})
