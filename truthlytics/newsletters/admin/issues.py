"""The admin of issues: the list, and the page on which one is written."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.admin.base import BaseAdmin
from articles.admin.editing.context import images_as_json
from articles.admin.formatting import short_datetime
from articles.models import Article
from articles.responsibility import UNSTATED
from truthlytics.newsletters.admin import deciding, new_issue, previews, progress
from truthlytics.newsletters.admin.formatting import badge
from truthlytics.newsletters.admin.forms import IssueArticleForm, IssueArticleFormSet, IssueForm
from truthlytics.newsletters.admin.issue_conflict import conflict, with_new_rows
from truthlytics.newsletters.models import Issue, IssueArticle
from truthlytics.newsletters.services import decisions
from truthlytics.newsletters.services.decisions import add_articles
from truthlytics.newsletters.services.digests import new_articles
from truthlytics.web.generic import TabularInline
from truthlytics.web.long_lists import KeyPaginator
from truthlytics.web.types import Choices, InlineFormSet, ModelField, TemplateContext

SPARE_ROWS, MAX_ROWS = 3, 60
SUGGESTED_ARTICLES, SUGGESTED_DAYS = 100, 30


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> Choices:
        return [("attention", gettext_lazy("Needs attention")), *Issue.State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Issue]) -> QuerySet[Issue]:
        if self.value() == "attention":
            return queryset.needing_attention()  # type: ignore[attr-defined,no-any-return]
        return queryset.filter(state=self.value()) if self.value() in Issue.State.values else queryset


class ArticleInline(TabularInline[IssueArticle, Issue]):
    """The articles of a digest."""

    model = IssueArticle
    fk_name = "issue"
    form = IssueArticleForm
    formset = IssueArticleFormSet
    extra = SPARE_ROWS
    max_num = MAX_ROWS
    template = "admin/newsletters/_articles.html"
    media = forms.Media()

    def get_formset(self, request: HttpRequest, obj: Issue | None = None, **kwargs: object) -> InlineFormSet:
        return super().get_formset(request, obj, absolute_max=self.max_num, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[IssueArticle]:
        return super().get_queryset(request).select_related("article")

    def formfield_for_dbfield(self, db_field: ModelField, request: HttpRequest, **kwargs: Any) -> Any:
        return db_field.formfield(**kwargs)

    # Everyone who can change the issue can choose its articles.
    def has_add_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        return True


@admin.register(Issue)
class IssueAdmin(BaseAdmin):
    purpose = gettext_lazy("An issue is one email to the readers of a newsletter: a letter, a digest, or an article.")
    form = IssueForm
    fields = (*IssueForm.Meta.fields,)
    list_display = ("__str__", "newsletter", "kind", "state_badge", "when")
    list_filter = (StateFilter, "newsletter", "kind")
    list_select_related = ("newsletter",)
    search_fields = ("subject",)
    paginator = KeyPaginator
    show_facets = admin.ShowFacets.NEVER
    change_form_template = "admin/newsletters/issue_change_form.html"

    def get_urls(self) -> list[URLPattern]:
        views = {
            "preview": previews.preview_page,
            "test": previews.send_test,
            "send": deciding.send_page,
            "unschedule": deciding.unschedule_page,
            "cancel": deciding.cancel_page,
            "sending": progress.sending_page,
            "pause": progress.pause_view,
            "resume": progress.resume_view,
            "stop": progress.stop_page,
            "deliveries": progress.deliveries_page,
        }
        correct = self.view_path("<int:pk>/corrections/<int:correction>/", progress.correct, "correct")
        frame = self.view_path("<int:pk>/preview/page/", previews.preview_frame, "preview_page")
        frame.callback = previews.with_policy_for_emails(frame.callback)
        paths = [self.view_path(f"<int:pk>/{name}/", view, name) for name, view in views.items()]
        return [correct, frame, *paths, *super().get_urls()]

    def add_view(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return new_issue.start_page(request, admin=self)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            issue = self.get_object(request, object_id)
            if not issue.is_undecided and self.has_view_permission(request, issue):
                return redirect("admin:newsletters_issue_sending", issue.pk)
        return super().change_view(request, object_id, form_url, extra_context)

    def get_inlines(self, request: HttpRequest, obj: Issue | None) -> Any:
        return [ArticleInline] if obj is not None and obj.kind == Issue.Kind.DIGEST else []

    def get_formset_kwargs(self, request: HttpRequest, obj: Issue, inline: Any, prefix: str) -> dict[str, object]:
        """Number the blank rows after the existing ones, and keep rows that another version has deleted."""
        existing = [*obj.articles.values_list("pk", flat=True)]
        blank = [{"position": len(existing) + number} for number in range(1, SPARE_ROWS + 1)]
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix) | {"initial": blank}
        if "data" in kwargs:
            kwargs["data"] = with_new_rows(request.POST, prefix, existing)
        return kwargs

    def render_change_form(self, request: HttpRequest, context: TemplateContext, *args: Any, **kwargs: Any) -> Any:
        issue: Issue = context["original"]
        recent = timezone.now() - timedelta(days=SUGGESTED_DAYS)
        offered = Article.objects.published().filter(published_at__gte=recent).order_by("-published_at", "-pk")
        context |= {
            "title": str(issue),
            "subtitle": None,
            "badge": badge(issue),
            "pictures": {image["uuid"]: image for image in images_as_json(context["adminform"].form)},
            "articles": issue.articles.select_related("article"),
            "offered": offered.only("slug", "headline")[:SUGGESTED_ARTICLES] if issue.kind == Issue.Kind.DIGEST else (),
            "deletable": self.has_delete_permission(request, issue) and not self.deletion_blocker(issue),
        }
        form = context["adminform"].form
        if form.is_bound:
            context["conflict"] = conflict(form, [inline.formset for inline in context["inline_admin_formsets"]])
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Issue, form: forms.BaseForm, change: bool) -> None:
        """Save the texts only, unless it is being sent: the worker changes the other columns."""
        texts = {name: getattr(obj, name) for name in IssueForm.Meta.fields}
        obj.was_changed = bool(Issue.objects.undecided().filter(pk=obj.pk).update(**texts))  # type: ignore[attr-defined]

    def save_related(self, request: HttpRequest, form: forms.BaseForm, formsets: Any, change: bool) -> None:
        if not form.instance.was_changed:  # type: ignore[attr-defined]
            return
        super().save_related(request, form, formsets, change)
        form.instance.protect_images()  # type: ignore[attr-defined]
        for formset in formsets:
            formset.save_order()

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Stay on the page, or continue with what the button says."""
        if not obj.was_changed:
            self.message_user(request, _("This issue is already being sent, so nothing was changed."), messages.ERROR)
            return redirect("admin:newsletters_issue_sending", obj.pk)
        if obj.must_state_ai_uses and decisions.unschedule(issue=obj, reason=str(UNSTATED)):
            draft_again = _("It is a draft again and will not be sent.")
            self.message_user(request, f"{draft_again} {UNSTATED}", messages.WARNING)
        if "_refill" in request.POST and obj.kind == Issue.Kind.DIGEST:
            self._refill(request, obj)
        for button, page in (("_preview", "preview"), ("_send", "send")):
            if button in request.POST:
                return redirect(f"admin:newsletters_issue_{page}", obj.pk)
        if "_refill" not in request.POST:
            self.message_user(request, _("Saved."), messages.SUCCESS)
        return redirect("admin:newsletters_issue_change", obj.pk)

    def _refill(self, request: HttpRequest, issue: Issue) -> None:
        """Add what appeared since the last digest, or since this one was made."""
        now = timezone.now()
        articles = new_articles(issue.newsletter, now, until=now, besides=issue)[: MAX_ROWS - issue.articles.count()]
        add_articles(issue, articles)
        Issue.objects.filter(pk=issue.pk).update(digest_until=now)
        text = ngettext("%(count)d article added.", "%(count)d articles added.", len(articles)) % {
            "count": len(articles)
        }
        self.message_user(request, text, messages.SUCCESS)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, issue: Issue) -> str:
        return badge(issue)

    @admin.display(description=gettext_lazy("when"), ordering="send_at", empty_value="–")
    def when(self, issue: Issue) -> str | None:
        at = issue.prepared_at or issue.send_at
        return short_datetime(at) if at else None

    def deletion_blocker(self, obj: Issue) -> str | Promise:
        if obj.state not in {*Issue.UNDECIDED, Issue.State.CANCELLED}:
            return _("This issue has been sent, so it cannot be deleted.")
        if obj.digest_day is not None:
            return _("This digest was made by schedule, so it cannot be deleted. You can cancel it instead.")
        return ""
