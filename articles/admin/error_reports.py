"""Errors that readers reported: the list, and the page of each, to answer, dismiss or correct it."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from articles.admin.base import BaseAdmin
from articles.admin.formatting import badges
from articles.forms.error_reports import AnswerForm, DismissForm
from articles.models import ErrorReport
from articles.models.error_reports import WAITING
from articles.models.publishable import reader_number
from articles.richtext.anchors import Anchor, anchor_at, find_anchor
from articles.services import error_reports
from articles.services.error_reports import HandlingError, text_of_draft, text_of_version
from truthlytics.audit.log import AuditEntry, log_action
from truthlytics.web.generic import ModelAdmin
from truthlytics.web.users import user_of

# Characters of the text that are shown before and after a passage.
CONTEXT = 240
VIEWS = {None: gettext_lazy("Waiting"), "closed": gettext_lazy("Closed"), "all": gettext_lazy("All")}


class Place(NamedTuple):
    """The passage in one text, with the words around it. If it was not found, `passage` is "" and `reason` says why."""

    title: str
    before: str = ""
    passage: str = ""
    after: str = ""
    reason: str = ""


class StateFilter(admin.SimpleListFilter):
    """Shows the waiting reports unless another view is chosen."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[ErrorReport]) -> list[tuple[Any, Any]]:
        return list(VIEWS.items())

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for value, label in VIEWS.items():
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": self.value() == value, "query_string": query, "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet[ErrorReport]) -> QuerySet[ErrorReport]:
        if self.value() == "all":
            return queryset
        waiting = {"state__in": WAITING}
        return queryset.exclude(**waiting) if self.value() == "closed" else queryset.filter(**waiting)


@admin.register(ErrorReport)
class ErrorReportAdmin(BaseAdmin):
    """Reports are never edited. They are not searched by address."""

    purpose = gettext_lazy("What readers report as wrong below an article arrives here. You answer or correct it.")
    list_display = ("beginning", "headline", "age", "state", "closed_by")
    list_filter = (StateFilter,)
    search_fields = ("text", "quote", "version__article__headline")
    ordering = ("created_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ErrorReport]:
        reports: Any = super().get_queryset(request)
        found: QuerySet[ErrorReport] = reports.with_headline()
        return found

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("<int:pk>/answer/", answer, "answer"),
            self.view_path("<int:pk>/dismissal/", dismiss, "dismiss"),
            self.view_path("<int:pk>/correction/", correct, "correct"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def change_view(self, request: HttpRequest, object_id: str, *args: object, **kwargs: object) -> HttpResponseBase:  # type: ignore[override]
        if request.method == "POST":
            return HttpResponseNotAllowed(["GET", "HEAD"])
        report = self.get_object(request, object_id)
        if not self.has_view_permission(request, report):
            raise PermissionDenied
        return _page(request, self, report)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[ErrorReport]) -> Any:
        """Log that a report was deleted, but not what the reader wrote."""
        for row in queryset:
            log_action(by=user_of(request), row=row, action=AuditEntry.Action.REMOVED)
        return None

    @admin.display(description=gettext_lazy("what is wrong"))
    def beginning(self, report: ErrorReport) -> str:
        return f"{report.text[:120]} …" if len(report.text) > 120 else report.text

    @admin.display(description=gettext_lazy("article"))
    def headline(self, report: ErrorReport) -> str:
        return str(report.version.article)

    @admin.display(description=gettext_lazy("age"), ordering="created_at")
    def age(self, report: ErrorReport) -> str:
        return timesince(report.created_at, depth=1)


def _page(
    request: HttpRequest,
    admin: ErrorReportAdmin,
    report: ErrorReport,
    *,
    answer_form: forms.Form | None = None,
    dismiss_form: forms.Form | None = None,
    problem: str = "",
    unsent: str = "",
    status: int = 200,
) -> HttpResponse:
    article = report.version.article
    context = admin.view_context(
        request,
        title=_("Reported error"),
        report=report,
        original=report,
        article=article,
        badge=badges(article),
        withdrawn=article.state() == "withdrawn",
        places=places_of(report),
        number=reader_number(article.versions.all(), report.version.number),
        answer_form=answer_form or AnswerForm(),
        dismiss_form=dismiss_form or DismissForm(),
        problem=problem,
        unsent=unsent,
        may_change=admin.has_change_permission(request, report),
        may_delete=admin.has_delete_permission(request, report),
    )
    return TemplateResponse(request, "admin/articles/errorreport/change_form.html", context, status=status)


def places_of(report: ErrorReport) -> list[Place]:
    """Return the passage as the reader saw it, as readers see it now, and in the saved draft."""
    if not report.quote:
        return []
    article, version = report.version.article, report.version
    served = article.served_version()
    then, anchor = text_of_version(version), report.anchor
    if then is not None and (span := find_anchor(then, anchor)) is not None:
        anchor = anchor_at(then, *span)
    texts = [(_("As the reader saw it"), then)]
    if served != version:
        texts.append((_("As readers see it now"), text_of_version(served)))
    texts.append((_("In the saved draft"), text_of_draft(article)))
    reasons = {True: _("The article is withdrawn, or its text was redacted."), False: _("The passage is not there.")}
    return [_place(title, text, anchor, reasons[text is None]) for title, text in texts]


def _place(title: str, text: str | None, anchor: Anchor, reason: str) -> Place:
    span = find_anchor(text, anchor) if text is not None else None
    if text is None or span is None:
        return Place(title, reason=reason)
    start, end = span
    # The rest of the paragraph, without words cut in half.
    before, after = text[:start].rpartition("\n")[2], text[end:].partition("\n")[0]
    if len(before) > CONTEXT:
        before = f"… {before[-CONTEXT:].partition(' ')[2]}"
    if len(after) > CONTEXT:
        after = f"{after[:CONTEXT].rpartition(' ')[0]} …"
    return Place(title, before, text[start:end], after)


def _get_report(request: HttpRequest, admin: ErrorReportAdmin, pk: int) -> ErrorReport:
    report: ErrorReport = admin.get_object(request, str(pk))
    if not admin.has_change_permission(request, report):
        raise PermissionDenied
    return report


def _close(
    request: HttpRequest, admin: ErrorReportAdmin, pk: int, *, name: str, form: forms.Form, field: str,
    action: Callable[[ErrorReport, str], None], message: str,
) -> HttpResponse:  # fmt: skip
    """Close the report with the text in `form`. If that fails, show the page again with what was typed."""
    report = _get_report(request, admin, pk)
    forms_shown: dict[str, Any] = {f"{name}_form": form}
    if not form.is_valid():
        return _page(request, admin, report, status=422, **forms_shown)
    try:
        action(report, form.cleaned_data[field])
    except HandlingError as error:
        report = admin.get_object(request, str(pk))
        return _page(
            request, admin, report, problem=str(error), unsent=form.cleaned_data[field], status=409, **forms_shown
        )
    admin.log_change(request, report, message)
    admin.message_user(request, message, messages.SUCCESS)
    return redirect("admin:articles_errorreport_changelist")


@require_POST
def answer(request: HttpRequest, pk: int, admin: ErrorReportAdmin) -> HttpResponse:
    return _close(
        request, admin, pk, name="answer", form=AnswerForm(request.POST), field="answer",
        action=lambda report, text: error_reports.answer_report(report=report, by=user_of(request), text=text),
        message=_("The report is answered."),
    )  # fmt: skip


@require_POST
def dismiss(request: HttpRequest, pk: int, admin: ErrorReportAdmin) -> HttpResponse:
    return _close(
        request, admin, pk, name="dismiss", form=DismissForm(request.POST), field="reason",
        action=lambda report, text: error_reports.dismiss_report(report=report, by=user_of(request), reason=text),
        message=_("The report is dismissed."),
    )  # fmt: skip


@require_POST
def correct(request: HttpRequest, pk: int, admin: ErrorReportAdmin) -> HttpResponse:
    """Add the report as a remark on the passage, and open the editor there."""
    report = _get_report(request, admin, pk)
    try:
        drafted = error_reports.draft_correction(report=report, by=user_of(request))
    except HandlingError as error:
        return _page(request, admin, admin.get_object(request, str(pk)), problem=str(error), status=409)
    admin.log_change(request, report, _("Made it a correction."))
    url = reverse("admin:articles_article_change", args=[drafted.version.article_id])
    return redirect(f"{url}#remark-{drafted.remark_id}")
