"""Calendar by month and by week, and rescheduling."""

from calendar import Calendar
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from articles.admin.base import BaseAdmin
from articles.admin.formatting import long_datetime
from articles.admin.publishing.actions import get_publishable_item
from articles.calendar import KINDS, Day, days
from articles.forms.calendar import MoveForm
from articles.models import Article
from articles.services.scheduling import ScheduleConflict, ScheduleError, reschedule
from truthlytics.audit.admin import View
from truthlytics.web.dates import local_date
from truthlytics.web.types import TemplateContext
from truthlytics.web.users import User, user_of

if TYPE_CHECKING:
    from articles.admin.publishing.base import PublishingAdmin


MIN_YEAR, MAX_YEAR = 1900, 2200
EVENTS_PER_CELL = 5
MAX_UNSCHEDULED = 12


def paths(admin: BaseAdmin) -> list[URLPattern]:
    views: list[tuple[str, View, str]] = [
        ("", month_page, "calendar"),
        ("<int:year>/<int:month>/", month_page, "calendar_month"),
        ("week/", week_page, "calendar_week_now"),
        ("week/<int:year>/<int:month>/<int:day>/", week_page, "calendar_week"),
        ("move/<int:pk>/", move_page, "calendar_move"),
    ]
    return [
        path(f"calendar/{route}", admin.admin_site.admin_view(partial(view, admin=admin)), name=name)
        for route, view, name in views
    ]


def _require_permission(request: HttpRequest) -> None:
    if not request.user.has_perm("articles.view_article"):
        raise PermissionDenied


def _parse_date(year: int, month: int, day: int = 1) -> date:
    """Return the date. Raises Http404 if it does not exist or is out of range."""
    if not MIN_YEAR <= year <= MAX_YEAR:
        raise Http404("Date out of range.")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Http404("No such date.") from error


@require_safe
def month_page(
    request: HttpRequest, admin: BaseAdmin, year: int | None = None, month: int | None = None
) -> HttpResponse:
    _require_permission(request)
    today = timezone.localdate()
    first = today.replace(day=1) if year is None else _parse_date(year, month or 0)
    dates = list(Calendar().itermonthdates(first.year, first.month))
    context = {
        "title": date_format(first, "F Y"),
        "by": "month",
        "here": reverse("admin:calendar"),
        "earlier": _month_url(first - timedelta(days=1)),
        "later": _month_url((first + timedelta(days=31)).replace(day=1)),
        "other": _week_url(today if today.replace(day=1) == first else first),
    }
    month_days = days(dates[0], len(dates), user_of(request), month=first.month, events_per_day=EVENTS_PER_CELL)
    return _render(request, admin, month_days, context)


@require_safe
def week_page(
    request: HttpRequest, admin: BaseAdmin, year: int | None = None, month: int | None = None, day: int | None = None
) -> HttpResponse:
    _require_permission(request)
    given = timezone.localdate() if year is None else _parse_date(year, month or 0, day or 0)
    first = given - timedelta(days=given.weekday())
    last = first + timedelta(days=6)
    context = {
        "title": _("Week %(number)s, %(first)s to %(last)s")
        % {"number": first.isocalendar().week, "first": local_date(first, "j M"), "last": local_date(last, "j M Y")},
        "by": "week",
        "here": reverse("admin:calendar_week_now"),
        "earlier": _week_url(first - timedelta(days=7)),
        "later": _week_url(first + timedelta(days=7)),
        "other": _month_url(given),
    }
    return _render(request, admin, days(first, 7, user_of(request)), context)


def _month_url(day: date) -> str:
    return reverse("admin:calendar_month", args=[day.year, day.month])


def _week_url(day: date) -> str:
    return reverse("admin:calendar_week", args=[day.year, day.month, day.day])


def _render(request: HttpRequest, admin: BaseAdmin, days: list[Day], context: TemplateContext) -> HttpResponse:
    drafts = Article.objects.visible_to(user_of(request)).filter(live=None, upcoming=None, due_on=None)
    drafts = drafts.exclude(headline="").select_related("section").only("headline", "section__name", "updated_at")
    context = admin.view_context(
        request,
        **context,
        subtitle=None,
        days=days,
        undated=drafts.order_by("-updated_at", "-pk")[:MAX_UNSCHEDULED],
        kinds=[(kind, symbol, label) for kind, (_, (symbol, label)) in KINDS.items()],
        may_move=request.user.has_perm("articles.publish_article"),
        zone=timezone.get_current_timezone_name(),
    )
    return TemplateResponse(request, "admin/articles/calendar/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def move_page(request: HttpRequest, admin: "PublishingAdmin", pk: int) -> HttpResponse:
    """Reschedule a scheduled version, dropped on another date or with a new date and time entered."""
    article = get_publishable_item(admin, request, pk)
    form = MoveForm.for_article(
        article, request.POST if request.method == "POST" else None, back=request.GET.get("back", "")
    )
    if request.method == "POST" and form.is_valid() and (message := _reschedule(article, form, user_of(request))):
        admin.log_change(request, article, message)
        admin.message_user(request, message, messages.SUCCESS)
        return redirect(_back_url(article, form.cleaned_data["back"]))
    scheduled = article.upcoming_at is not None and article.upcoming_at > timezone.now()
    context = admin.view_context(
        request,
        title=_("Reschedule"),
        original=article,
        form=form,
        scheduled=scheduled,
        zone=timezone.get_current_timezone_name(),
        now=timezone.now(),
    )
    return TemplateResponse(request, "admin/articles/calendar/move.html", context, status=form.status)


def _reschedule(article: Article, form: MoveForm, by: User) -> str:
    """Reschedule and return the success message. On failure, add an error to the form and return ""."""
    data, before = form.cleaned_data, article.upcoming_at
    try:
        version = reschedule(item=article, at=data["at"], seen=data["seen"], by=by)
    except (ScheduleError, ScheduleConflict) as error:
        form.add_error(None, str(error))
        return ""
    return _("“%(article)s” rescheduled from %(before)s to %(public_from)s.") % {
        "article": article,
        "before": long_datetime(before),
        "public_from": long_datetime(version.public_from),
    }


def _back_url(article: Article, view: str) -> str:
    day = timezone.localtime(article.upcoming_at).date()
    if view == "week":
        return _week_url(day)
    return _month_url(day) if view == "month" else reverse("admin:articles_article_change", args=[article.pk])
