"""Comment settings of articles."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminIntegerFieldWidget
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from comments.models import Thread
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.audit.log import log_changes
from truthlytics.publication import get_publication
from truthlytics.web.types import ModelField
from truthlytics.web.users import user_of


@admin.register(Thread)
class ThreadAdmin(AuditedAdmin):
    uses_django_scripts = True
    purpose = _("Who may comment on an article, and until when, where it differs from the settings.")
    list_display = ("article_name", "visible_count", "closes_at", "is_off", "required_level", "slow_minutes")
    fields = ("article", "is_off", "required_level", "slow_minutes", "closes_at", "closed_message", "visible_count")
    list_filter = ("is_off",)
    show_facets = admin.ShowFacets.NEVER
    raw_id_fields = ("article",)
    readonly_fields = ("article_link", "visible_count")
    ordering = ("-visible_count", "-pk")
    actions = ("close",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Thread]:
        """Of articles that were never public, users who cannot see articles learn nothing."""
        own = [field.attname for field in Thread._meta.concrete_fields]
        threads: QuerySet[Thread] = super().get_queryset(request).select_related("article__live")
        threads = threads.only(*own, "article__slug", "article__headline", "article__live__headline")
        return threads if _sees_drafts(request) else threads.filter(article__published_at__lte=timezone.now())

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: object) -> Any:
        if not _sees_drafts(request):
            # The usual widget names the article, whichever it is.
            kwargs |= {"queryset": Article.objects.published(), "widget": AdminIntegerFieldWidget()}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: ModelField, request: HttpRequest, **kwargs: object) -> Any:
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "closes_at":
            days = get_publication().comments_close_after_days
            if days:
                text = _("Leave blank to close them as in the settings: %(days)d days after publication.")
                field.help_text = text % {"days": days}
        elif db_field.name == "required_level":
            field.choices = [("", _("As in the settings")), *list(field.choices)[1:]]
            field.help_text = ""
        return field

    def get_fields(self, request: HttpRequest, obj: Thread | None = None) -> Any:
        """Link to the public article instead of its change form, which moderators may not open."""
        return self.fields if obj is None else ("article_link", *self.fields[1:])

    def has_delete_permission(self, request: HttpRequest, obj: Thread | None = None) -> bool:
        return False

    @admin.display(description=_("article"))
    def article_name(self, thread: Thread) -> str:
        return str(thread.article.live.headline if thread.article.live else thread.article)

    @admin.display(description=_("article"))
    def article_link(self, thread: Thread) -> str:
        if thread.article.live is None:
            return self.article_name(thread)
        return format_html('<a href="{}">{}</a>', thread.article.get_absolute_url(), self.article_name(thread))

    @admin.action(permissions=["change"], description=_("Close now"))
    def close(self, request: HttpRequest, queryset: QuerySet[Thread]) -> None:
        threads = list(Thread.objects.open().filter(pk__in=queryset.values("pk")))
        with transaction.atomic(), log_changes(threads, by=user_of(request), message=gettext("Comments closed.")):
            for thread in threads:
                thread.closes_at = timezone.now()
                # Saving each one invalidates its cached page.
                thread.save(update_fields=["closes_at"])
        closed = len(threads)
        message = ngettext("Comments closed on %d article.", "Comments closed on %d articles.", closed) % closed
        self.message_user(request, message, messages.SUCCESS)


def _sees_drafts(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("articles.view_article"))
