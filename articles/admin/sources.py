"""The admin of sources, and the page with the sources of an article."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from articles.admin.base import BaseAdmin
from articles.admin.editing.access import get_changeable_item
from articles.admin.formatting import badge
from articles.forms.sources import MAX_FORMS, SourceForm, SourceFormSet
from articles.models import Article, Source
from articles.services.sources import articles_citing, details_changed, sources_of
from articles.sources.addresses import short_address
from truthlytics.audit.log import log_changes
from truthlytics.web.option_filters import OptionFilter
from truthlytics.web.partial_dates import format_partial_date
from truthlytics.web.types import AdminForm, TemplateContext
from truthlytics.web.users import User, user_of

MAX_ARTICLES = 50
TITLE_LENGTH = 80
IN_USE = gettext_lazy("This source cannot be deleted: a published version cites it.")


class StateFilter(OptionFilter):
    title = gettext_lazy("state")
    parameter_name = "state"
    options = {
        "gone": (gettext_lazy("No longer online"), Q(gone_at__isnull=False)),
        "failing": (gettext_lazy("Failed the last check"), Q(failing_since__isnull=False, gone_at=None)),
        "unused": (gettext_lazy("Unused"), lambda sources: sources.unused()),
        "bare": (gettext_lazy("Without publisher and author"), Q(publisher="", author="")),
    }


@admin.register(Source)
class SourceAdmin(BaseAdmin):
    purpose = gettext_lazy(
        "Sources that published articles cite. They come from footnotes and marked links in the texts."
    )
    form = SourceForm
    list_display = ["name", "kind", "publisher", "date", "address", "uses", "state"]
    list_filter = ["kind", StateFilter]
    search_fields = ["title", "publisher", "author", "url"]
    change_form_template = "admin/articles/source/change_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Sources come from the texts of articles."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        sources: QuerySet[Source] = super().get_queryset(request)
        return sources.annotate(use_count=Count("citations__version__article", distinct=True))

    @admin.display(description=gettext_lazy("title"), ordering="title")
    def name(self, source: Source) -> str:
        return Truncator(source.title).chars(TITLE_LENGTH)

    @admin.display(description=gettext_lazy("published on"), ordering="published_on")
    def date(self, source: Source) -> str:
        return format_partial_date(source.published_on, short=True) if source.published_on else ""

    @admin.display(description=gettext_lazy("address"), ordering="url")
    def address(self, source: Source) -> str:
        return short_address(source.url)[:60]

    @admin.display(description=gettext_lazy("articles"), ordering="use_count")
    def uses(self, source: Any) -> int:
        return int(source.use_count)

    @admin.display(description=gettext_lazy("state"), ordering="gone_at")
    def state(self, source: Source) -> str:
        if source.gone_at:
            return format_html('<span class="badge badge--withdrawn">{}</span>', _("no longer online"))
        return _("failed the last check") if source.failing_since else ""

    def render_change_form(self, request: HttpRequest, context: TemplateContext, *args: Any, **kwargs: Any) -> Any:
        source: Source = context["original"]
        visible = articles_citing(source).filter(pk__in=Article.objects.visible_to(user_of(request)).values("pk"))
        citing = visible[:MAX_ARTICLES]
        context |= {
            "articles": [(article, badge(article.state()), article.is_current) for article in citing],
            "title": Truncator(source.title).chars(TITLE_LENGTH),
            "subtitle": None,
            "show_save_and_add_another": False,
            "show_delete": not self.deletion_blocker(source),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Source, form: AdminForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        details_changed(source=obj, fields=form.changed_data)

    def deletion_blocker(self, source: Source) -> str | Promise:
        return IN_USE if source.citations.exists() else ""


@require_http_methods(["GET", "HEAD", "POST"])
def article_sources(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """Edit the details of the sources that the saved text of an article cites.

    Without permission to change all sources, users can edit only those that no version cites yet, because the others
    may belong to other articles as well.
    """
    article = get_changeable_item(admin, request, pk)
    cited = sources_of(article)
    stored = Source.objects.filter(pk__in=[source.pk for source in cited if source.pk][:MAX_FORMS])
    editable = stored if request.user.has_perm("articles.change_source") else stored.unused()
    formset = SourceFormSet(
        request.POST if request.method == "POST" else None, queryset=editable.select_related("document").order_by("pk")
    )
    if request.method == "POST" and formset.is_valid():
        _save(formset, by=user_of(request))
        message = _("Sources saved. Readers see the details with the next version.")
        admin.message_user(request, message, messages.SUCCESS)
        return redirect("admin:articles_article_change", article.pk)
    forms = {form.instance.pk: form for form in formset.forms}
    context = admin.view_context(
        request,
        title=_("Sources"),
        original=article,
        formset=formset,
        rows=[(number, source, forms.get(source.pk)) for number, source in enumerate(cited, start=1)],
        may_view_sources=request.user.has_perm("articles.view_source"),
    )
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/articles/source/article_sources.html", context, status=status)


@transaction.atomic
def _save(formset: Any, *, by: User) -> None:
    changed = [form for form in formset.forms if form.has_changed()]
    with log_changes([Source.objects.get(pk=form.instance.pk) for form in changed], by=by):
        formset.save()
    for form in changed:
        details_changed(source=form.instance, fields=form.changed_data)
