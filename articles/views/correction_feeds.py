"""The feeds of all corrections."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from articles.feeds.channel import SIZE, FeedAuthor, FeedChannel, FeedItem
from articles.feeds.formats import FORMATS
from articles.presenters.corrections import LogEntry, newest_entries
from articles.seo.meta import absolute_url
from truthlytics.publication import get_publication
from truthlytics.publication.language import language_tag
from truthlytics.web.pages import public_page
from truthlytics.web.text import strip_invalid_xml


@public_page(tags=["listing"])
@conditional_page
@require_safe
def corrections_feed(request: HttpRequest, file: str) -> HttpResponse:
    now = timezone.now()
    serialise, content_type = FORMATS[file]
    return HttpResponse(serialise(_channel(file, newest_entries(now, SIZE))), content_type=content_type)


def _channel(file: str, entries: Iterable[LogEntry]) -> FeedChannel:
    """Build the feed `file`, such as "rss.xml"."""
    home, name = reverse("articles:corrections"), get_publication().name
    return FeedChannel(
        id=absolute_url(home),
        title=strip_invalid_xml(f"{name}: {_('Corrections')}"),
        description=strip_invalid_xml(_("What we got wrong, and what we changed.")),
        home=absolute_url(home),
        url=absolute_url(f"{home}feeds/{file}"),
        items=[_feed_item(entry) for entry in entries],
    )


def _feed_item(entry: LogEntry) -> FeedItem:
    notes = [str(sentence) for sentence in _notes(entry)]
    html = format_html("<p>{}</p>", entry.sentence) if entry.sentence else format_html("")
    if notes:
        html += format_html("<p>{}</p>", " ".join(notes))
    if entry.changes_url:
        html += format_html('<p><a href="{}">{}</a></p>', absolute_url(entry.changes_url), _("See what changed"))
    times = [entry.at, entry.superseded_at, entry.withdrawn_at, entry.restored_at]
    return FeedItem(
        id=entry.id,
        url=absolute_url(entry.url),
        title=strip_invalid_xml(f"{entry.kind_label}: {entry.headline or _('An article whose text was removed')}"),
        summary=strip_invalid_xml(entry.sentence or " ".join(notes)),
        html=strip_invalid_xml(str(html)),
        published=entry.at,
        updated=max(time for time in times if time is not None),
        authors=[FeedAuthor(strip_invalid_xml(get_publication().name), absolute_url("/"))],
        tags=[entry.kind_label],
        image=None,
        language=language_tag(entry.language) if entry.language else "",
    )


def _notes(entry: LogEntry) -> Iterator[str]:
    """Yield what happened later to a correction or its article."""
    if entry.superseded_at:
        yield _("This was superseded later.")
    if entry.withdrawn_at:
        yield _("Article withdrawn on %(day)s.") % {"day": _day(entry.withdrawn_at)}
    if entry.restored_at:
        yield _("Restored on %(day)s.") % {"day": _day(entry.restored_at)}


def _day(time: datetime) -> str:
    return date_format(timezone.localdate(time))
