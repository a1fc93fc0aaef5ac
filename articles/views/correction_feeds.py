"""The feeds of all corrections."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from articles.feeds.channel import SIZE, FeedAuthor, FeedChannel, FeedItem
from articles.feeds.formats import FORMATS
from articles.models import Correction
from articles.presenters.corrections import ListedCorrection, listed, numbered
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
    newest = listed(numbered(Correction.objects.listed(now))[:SIZE], now)
    return HttpResponse(serialise(_channel(file, newest)), content_type=content_type)


def _channel(file: str, corrections: Iterable[ListedCorrection]) -> FeedChannel:
    """Build the feed `file`, such as "rss.xml"."""
    home, name = reverse("articles:corrections"), get_publication().name
    return FeedChannel(
        id=absolute_url(home),
        title=strip_invalid_xml(f"{name}: {_('Corrections')}"),
        description=strip_invalid_xml(_("What we got wrong, and what we changed.")),
        home=absolute_url(home),
        url=absolute_url(f"{home}feeds/{file}"),
        items=[_feed_item(correction) for correction in corrections],
    )


def _feed_item(correction: ListedCorrection) -> FeedItem:
    note = _("This was superseded later.") if correction.superseded_at else ""
    html = format_html(
        '<p>{}</p><p>{} <a href="{}">{}</a></p>',
        correction.sentence,
        note,
        absolute_url(correction.changes_url),
        _("See what changed"),
    )
    return FeedItem(
        id=correction.id,
        url=absolute_url(correction.url),
        title=strip_invalid_xml(f"{correction.kind_label}: {correction.headline}"),
        summary=strip_invalid_xml(correction.sentence),
        html=strip_invalid_xml(str(html)),
        published=correction.at,
        updated=correction.superseded_at or correction.at,
        authors=[FeedAuthor(strip_invalid_xml(get_publication().name), absolute_url("/"))],
        tags=[correction.kind_label],
        image=None,
        language=language_tag(correction.language) if correction.language else "",
    )
