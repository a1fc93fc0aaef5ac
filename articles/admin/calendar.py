"""The calendar of the newsroom, by month and by week, and how a plan in it is moved."""

from calendar import Calendar
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_safe

from articles.admin.formatting import long_datetime
from articles.admin.publishing.actions import to_be_published
from articles.calendar import KINDS, Day, days
from articles.forms.calendar import MoveForm
from articles.models import Article
from articles.services.scheduling import ScheduleConflict, ScheduleError, reschedule

# So many years the arrows lead back and on.
FIRST_YEAR, LAST_YEAR = 1900, 2200
IN_A_CELL = 5
WITHOUT_A_DATE = 12


def paths(admin: Any) -> list[Any]:
    pages = [
        ("", month_page, "calendar"),
        ("<int:year>/<int:month>/", month_page, "calendar_month"),
        ("week/", week_page, "calendar_week_now"),
        ("week/<int:year>/<int:month>/<int:day>/", week_page, "calendar_week"),
        ("move/<int:pk>/", move_page, "calendar_move"),
    ]
    view = admin.admin_site.admin_view
    return [path(f"calendar/{route}", view(page), {"admin": admin}, name=name) for route, page, name in pages]


def _enter(request: HttpRequest) -> None:
    if not request.user.has_perm("articles.view_article"):
        raise PermissionDenied


def _date(year: int, month: int, day: int = 1) -> date:
    """Raises Http404 for what is no day, or too far away."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404("The calendar does not reach there.")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Http404("There is no such day.") from error


@require_safe
def month_page(request: HttpRequest, admin: Any, year: int | None = None, month: int | None = None) -> HttpResponse:
    _enter(request)
    first = timezone.localdate().replace(day=1) if year is None else _date(year, month or 0)
    shown = list(Calendar().itermonthdates(first.year, first.month))
    found = days(shown[0], len(shown), request.user, month=first.month, a_day=IN_A_CELL)
    earlier, later = first - timedelta(days=1), (first + timedelta(days=31)).replace(day=1)
    inside = timezone.localdate() if timezone.localdate().replace(day=1) == first else first
    context = {
        "title": date_format(first, "F Y"), "by": "month", "here": reverse("admin:calendar"),
        "earlier": _month(earlier), "later": _month(later),
        "other": _week(inside),
    }  # fmt: skip
    return _page(request, admin, found, context)


@require_safe
def week_page(
    request: HttpRequest, admin: Any, year: int | None = None, month: int | None = None, day: int | None = None
) -> HttpResponse:
    _enter(request)
    given = timezone.localdate() if year is None else _date(year, month or 0, day or 0)
    first = given - timedelta(days=given.weekday())
    last = first + timedelta(days=6)
    context = {
        "title": f"Week {first.isocalendar().week}, {date_format(first, 'j M')} to {date_format(last, 'j M Y')}",
        "by": "week", "here": reverse("admin:calendar_week_now"),
        "earlier": _week(first - timedelta(days=7)), "later": _week(first + timedelta(days=7)),
        "other": _month(given),
    }  # fmt: skip
    return _page(request, admin, days(first, 7, request.user), context)


def _month(day: date) -> str:
    return reverse("admin:calendar_month", args=[day.year, day.month])


def _week(day: date) -> str:
    return reverse("admin:calendar_week", args=[day.year, day.month, day.day])


def _page(request: HttpRequest, admin: Any, found: list[Day], context: dict[str, Any]) -> HttpResponse:
    drafts = Article.objects.visible_to(request.user).filter(live=None, upcoming=None, due_on=None)
    drafts = drafts.exclude(headline="").select_related("section").only("headline", "section__name", "updated_at")
    context = admin.admin_site.each_context(request) | context | {
        "subtitle": None,
        "days": found,
        "undated": drafts.order_by("-updated_at", "-pk")[:WITHOUT_A_DATE],
        "kinds": [(kind, shape, word) for kind, (_, (shape, word)) in KINDS.items()],
        "may_move": request.user.has_perm("articles.publish_article"),
        "zone": timezone.get_current_timezone_name(),
    }  # fmt: skip
    return TemplateResponse(request, "admin/articles/calendar/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def move_page(request: HttpRequest, admin: Any, pk: int) -> HttpResponse:
    """What waits goes out on another day: dropped there, or typed. Its time of day stays unless it is changed."""
    article = to_be_published(admin, request, pk)
    form = MoveForm.of(article, request.POST if request.method == "POST" else None, back=request.GET.get("back", ""))
    if request.method == "POST" and form.is_valid() and (said := _move(article, form, request.user)):
        admin.log_change(request, article, said)
        admin.message_user(request, said, messages.SUCCESS)
        return redirect(_back(article, form.cleaned_data["back"]))
    waits = article.upcoming_at is not None and article.upcoming_at > timezone.now()
    context = admin.admin_site.each_context(request) | {
        "title": "Move to another time", "original": article, "form": form, "waits": waits,
        "zone": timezone.get_current_timezone_name(), "now": timezone.now(),
    }  # fmt: skip
    return TemplateResponse(request, "admin/articles/calendar/move.html", context, status=form.status)


def _move(article: Article, form: MoveForm, by: Any) -> str:
    """What was done, or "" where it did not come to it; then `form` says why."""
    data, before = form.cleaned_data, article.upcoming_at
    try:
        version = reschedule(article=article, at=data["at"], seen=data["seen"], by=by)
    except (ScheduleError, ScheduleConflict) as error:
        form.add_error(None, str(error))
        return ""
    return f"“{article}” goes out on {long_datetime(version.public_from)}; it was planned for {long_datetime(before)}."


def _back(article: Article, view: str) -> str:
    day = timezone.localtime(article.upcoming_at).date()
    if view == "week":
        return _week(day)
    return _month(day) if view == "month" else reverse("admin:articles_article_change", args=[article.pk])
