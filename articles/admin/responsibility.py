"""The report on use of AI and reviews of a period, for publishers: a page that prints, and CSV."""

from datetime import date
from functools import partial

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from articles.admin.base import BaseAdmin
from articles.presenters.responsibility_report import counts, csv_rows, publications, versions_between
from articles.responsibility import AIUse
from truthlytics.web.csv_files import csv_response

# More are in the CSV file only.
MAX_ROWS = 500


class PeriodForm(forms.Form):
    """The first and the last day of a period, in the publication's time zone."""

    first = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        days = [day for day in (data.get("first"), data.get("last")) if isinstance(day, date)]
        if any(not 1900 <= day.year <= 2200 for day in days):
            self.add_error(None, _("Choose dates between 1900 and 2200."))
        elif days != sorted(days):
            self.add_error("last", _("The last day is before the first one."))
        return data


def paths(admin: BaseAdmin) -> list[URLPattern]:
    views = [("", page, "responsibility"), ("csv/", export, "responsibility_csv")]
    return [
        path(f"responsibility/{route}", admin.admin_site.admin_view(partial(view, admin=admin)), name=name)
        for route, view, name in views
    ]


def _period(request: HttpRequest) -> PeriodForm:
    """Return the form, with this month if nothing was chosen. Raises PermissionDenied."""
    if not request.user.has_perm("truthlytics.change_publication"):
        raise PermissionDenied
    today = timezone.localdate()
    return PeriodForm(request.GET if "first" in request.GET else {"first": today.replace(day=1), "last": today})


@require_safe
def page(request: HttpRequest, admin: BaseAdmin) -> HttpResponse:
    form = _period(request)
    context: dict[str, object] = {"form": form, "title": _("AI and review")}
    if form.is_valid():
        data = form.cleaned_data
        versions = versions_between(data["first"], data["last"])
        totals = counts(versions)
        context |= {
            "period": data,
            "rows": list(publications(versions[:MAX_ROWS])),
            "count": versions.count(),
            "uses": [(use.label, totals.get(use, 0)) for use in AIUse],
            "not_stated": totals.get("not stated", 0),
            "labelled": totals.get("label", 0),
            "reviewed": totals.get("reviewed", 0),
            "query": f"first={data['first']}&last={data['last']}",
        }
    status = 422 if form.errors else 200
    context |= admin.admin_site.each_context(request)
    return TemplateResponse(request, "admin/articles/responsibility.html", context, status=status)


@require_safe
def export(request: HttpRequest, admin: BaseAdmin) -> HttpResponseBase:
    form = _period(request)
    if not form.is_valid():
        return page(request, admin)
    data = form.cleaned_data
    return csv_response(
        f"ai-and-review-{data['first']}-{data['last']}.csv", csv_rows(versions_between(data["first"], data["last"]))
    )
