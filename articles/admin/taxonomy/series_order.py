"""Page for changing the numbers of all parts of a series."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from articles.admin.base import BaseAdmin
from articles.admin.formatting import badge
from articles.models import Article, Series
from articles.models.articles import UNLISTED_TEXTS
from articles.services.series_order import Renumbered, SeriesOrderConflict, SeriesOrderError, number_parts
from truthlytics.audit.log import log_changes
from truthlytics.web.ids import parse_id
from truthlytics.web.users import User, user_of

MAX_PART = 9999


def may_order(request: HttpRequest) -> bool:
    """Return whether the user may change the numbers, which are part of articles and are published."""
    return request.user.has_perms(["articles.change_series", "articles.publish_article"])


def parts_of(series: Series, user: User) -> list[tuple[int | None, str]]:
    """Return number and headline of each part. Headlines of drafts that `user` may not open are left out."""
    articles = series.articles.order_by("series_part").select_related("live").only("headline", "series_part", "live")
    visible = set(Article.objects.visible_to(user).filter(series=series).values_list("pk", flat=True))
    return [
        (
            article.series_part,
            str(article)
            if article.pk in visible
            else article.live.headline
            if article.served_version() is not None and article.live
            else _("An article that you cannot open"),
        )
        for article in articles
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def order_page(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    series: Series = admin.get_object(request, str(pk))
    if not may_order(request):
        raise PermissionDenied
    parts = list(series.articles.defer(*UNLISTED_TEXTS).order_by("series_part"))
    message, status, values = "", 200, {part.pk: str(part.series_part) for part in parts}
    if request.method == "POST":
        entered = {part.pk: request.POST.get(f"part-{part.pk}", "") for part in parts}
        numbers = {key: parse_id(value.strip()) for key, value in entered.items()}
        valid = {key: number for key, number in numbers.items() if number is not None and 1 <= number <= MAX_PART}
        try:
            if len(valid) < len(numbers):
                raise SeriesOrderError(_("Enter a whole number from 1 to 9999 for each part."))
            with log_changes(parts, by=user_of(request), message=_("Changed the order of the series.")):
                result = number_parts(series=series, numbers=valid, seen=_seen(request), by=user_of(request))
        except SeriesOrderConflict as error:
            message, status = str(error), 409
        except SeriesOrderError as error:
            message, status, values = str(error), 422, entered
        else:
            _tell(admin, request, result)
            return redirect("admin:articles_series_change", series.pk)
    context = admin.view_context(
        request,
        title=_("Order of the parts"),
        original=series,
        said=message,
        parts=[(part, badge(part.state()), values[part.pk]) for part in parts],
        seen=",".join(f"{part.pk}-{part.series_part}" for part in parts),
    )
    return TemplateResponse(request, "admin/articles/series/order.html", context, status=status)


def _seen(request: HttpRequest) -> dict[int, int]:
    """Return the numbers that the page showed, by primary key."""
    pairs = (pair.partition("-")[::2] for pair in request.POST.get("seen", "")[:100_000].split(","))
    ids = ((parse_id(pk), parse_id(number)) for pk, number in pairs)
    return {pk: number for pk, number in ids if pk is not None and number is not None}


def _tell(admin: BaseAdmin, request: HttpRequest, result: Renumbered) -> None:
    if not result.articles:
        admin.message_user(request, _("The order has not changed."), messages.INFO)
        return
    count, published = len(result.articles), len(result.published)
    message = ngettext("%(count)d part has a new number.", "%(count)d parts have new numbers.", count)
    message %= {"count": count}
    if published:
        text = ngettext("%(count)d was published with it.", "%(count)d were published with them.", published)
        message += " " + text % {"count": published}
    if scheduled := len(result.scheduled):
        text = ngettext(
            "%(count)d scheduled version was changed and keeps its time.",
            "%(count)d scheduled versions were changed and keep their times.",
            scheduled,
        )
        message += " " + text % {"count": scheduled}
    admin.message_user(request, message, messages.SUCCESS)
    if result.waiting:
        headlines = ", ".join(_("“%(text)s”") % {"text": article} for article in result.waiting)
        text = _("Publish these yourself, because they have other unpublished changes or a scheduled version: %s.")
        admin.message_user(request, text % headlines, messages.WARNING)
