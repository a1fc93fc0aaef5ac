"""The confirmation page of bulk actions, which lists the articles that will and will not be changed, and their run."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import models, transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles.access import Level
from articles.admin.articles import publish_access, saved_filters
from articles.admin.articles.bulk_actions import BULK_ACTIONS, BulkAction
from articles.admin.base import BaseAdmin
from articles.admin.formatting import badge
from articles.models import Article, Byline, Presence
from articles.models.articles import UNLISTED_TEXTS
from truthlytics.audit.log import log_action, snapshot
from truthlytics.web.types import CleanedData, JsonObject
from truthlytics.web.users import user_of

MAX_ARTICLES = 100
# Number of skipped articles that are listed with a reason.
MAX_REASONS = 5
UNCHANGED = _("Already up to date")


def confirm_and_run(
    admin: BaseAdmin, request: HttpRequest, queryset: models.QuerySet[Article], action: BulkAction
) -> HttpResponse | None:
    """Show the confirmation page, or run the action and return to the list."""
    # Texts are never shown, and up to 50,000 articles may be selected.
    shown = queryset.with_access_levels().select_related("section").defer(*UNLISTED_TEXTS)  # type: ignore[attr-defined]
    shown = shown.prefetch_related("topics", Prefetch("bylines", Byline.objects.select_related("author")))
    articles = list(shown.order_by("-updated_at", "-pk")[: MAX_ARTICLES + 1])
    query = request.POST.get("back", request.GET.urlencode())
    if len(articles) > MAX_ARTICLES:
        message = gettext("Select at most %d articles.") % MAX_ARTICLES
        admin.message_user(request, message, messages.ERROR)
        return saved_filters.redirect_to_list(query)
    confirmed = "confirmed" in request.POST
    form = action.form(request.POST if confirmed else None, articles=articles)
    if confirmed and form.is_valid():
        _run(admin, request, articles, action, form.cleaned_data)
        levels = {None, form.cleaned_data.get("required_level")}
        if action.name == "access" and (
            public := [row for row in articles if row.access_levels().public not in levels]
        ):
            return publish_access.offer(public, back=query)
        return saved_filters.redirect_to_list(query)
    context = admin.view_context(
        request,
        title=action.title,
        bulk=action,
        form=form,
        checkbox=ACTION_CHECKBOX_NAME,
        back=saved_filters.normalise(query),
        list=reverse(saved_filters.LIST),
        **_preview(articles, action, request),
    )
    return TemplateResponse(
        request, "admin/articles/article/bulk_action.html", context, status=422 if confirmed else 200
    )


def _preview(articles: list[Article], action: BulkAction, request: HttpRequest) -> JsonObject:
    """Return the articles that will be changed, with other users editing them, and those skipped, with the reason."""
    editing: dict[int, str] = {}
    if action.edits_text:
        presences = Presence.objects.active().filter(article__in=articles).exclude(user=request.user.pk)
        for presence in presences.select_related("user"):
            if presence.article_id is not None:
                editing[presence.article_id] = str(presence.user)
    rows: dict[str, list[JsonObject]] = {"will": [], "cannot": []}
    for article in articles:
        reason = action.blocker(article)
        rows["cannot" if reason else "will"].append(
            {
                "article": article,
                "badge": badge(article.state()),
                "why": reason,
                "who": editing.get(article.pk),
                "present": action.present(article) if action.present else "",
            }
        )
    return rows


def _run(
    admin: BaseAdmin, request: HttpRequest, articles: list[Article], action: BulkAction, data: CleanedData
) -> None:
    done, skipped = [], []
    for article in articles:
        reason = str(_run_one(request, article, action, data))
        if reason:
            skipped.append(_("“%(article)s”: %(reason)s.") % {"article": article, "reason": reason})
        else:
            done.append(article)
    if done:
        public = sum(article.state() in {"published", "changing"} for article in done)
        admin.message_user(request, _result(action, data, len(done), public), messages.SUCCESS)
    if skipped:
        message = gettext("Not changed: %s") % " ".join(skipped[:MAX_REASONS])
        if len(skipped) > MAX_REASONS:
            message += " " + gettext("And %d more.") % (len(skipped) - MAX_REASONS)
        admin.message_user(request, message, messages.WARNING)


def _result(action: BulkAction, data: CleanedData, count: int, public: int) -> str:
    """Return what was done to `count` articles, of which `public` are on the site."""
    level = {"level": Level(data["required_level"]).label} if "required_level" in data else {}
    message = str(action.done % {**data, **level, "count": count})
    if not (action.edits_text and public):
        return message
    waiting = ngettext(
        "%(count)d published article changes when you publish it.",
        "%(count)d published articles change when you publish them.",
        public,
    )
    return f"{message} {waiting % {'count': public}}"


def _run_one(request: HttpRequest, article: Article, action: BulkAction, data: dict[str, object]) -> str | Promise:
    """Run the action on one article, in a transaction with its row locked. Return why it was skipped, or ""."""
    with transaction.atomic():
        locked = Article.objects.select_for_update().filter(pk=article.pk).first()
        if locked is None:
            return gettext("Deleted in the meantime")
        if reason := action.blocker(locked):
            return reason
        before, was = snapshot(locked), action.present(locked) if action.present else ""
        if not action.run(locked, request.user, data):
            return UNCHANGED
        current = Article.objects.get(pk=article.pk)
        values = {"action": action.title, "old": was, "new": action.present(current) if action.present else ""}
        message = (
            gettext("%(action)s (bulk action): %(old)s → %(new)s.")
            if action.present
            else gettext("%(action)s (bulk action).")
        )
        log_action(by=user_of(request), row=current, message=message % values, before=before, after=snapshot(current))
        return ""


def _admin_action(name: str, permission: str) -> Callable[..., HttpResponse | None]:
    action = BULK_ACTIONS[name]

    @admin.action(description=action.menu, permissions=[permission])
    def run(modeladmin: BaseAdmin, request: HttpRequest, queryset: QuerySet[Article]) -> HttpResponse | None:
        return confirm_and_run(modeladmin, request, queryset, action)

    run.__name__ = name
    return run


ACTIONS = [
    _admin_action("section", "change"),
    _admin_action("topic", "change"),
    _admin_action("access", "publish"),
    _admin_action("author", "publish"),
    _admin_action("review", "change"),
    _admin_action("assignee", "publish"),
    _admin_action("withdraw", "publish"),
]
