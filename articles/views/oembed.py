"""oEmbed: what other sites show when one of their texts embeds an article (https://oembed.com)."""

import json

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.models import Article, Version
from articles.presenters.machine_texts import LEVELS
from articles.responsibility import label_sentences
from articles.seo.meta import absolute_url, article_slug, lead_image
from truthlytics.publication import get_publication
from truthlytics.web.pages import depends_on, public_page
from truthlytics.web.types import JsonObject

# Pixels.
WIDTH, HEIGHT, SMALLEST = 600, 200, 200


@public_page(tags=["sections"])
@require_safe
def oembed(request: ReaderRequest) -> HttpResponse:
    """Answer with the card of the article at the parameter `url`."""
    wanted = request.GET.get("format", "json")
    if wanted == "xml":
        # oEmbed has 501 for it, which monitoring counts as a fault of the server.
        return HttpResponse("Only JSON is offered.", status=400, content_type="text/plain")
    if wanted != "json":
        raise Http404("There is no such format.")
    article = Article.objects.listed(timezone.now()).filter(slug=article_slug(request.GET.get("url", ""))).first()
    if article is None:
        raise Http404("There is no article at this address.")
    card = _card(article.as_served(), _width(request.GET.get("maxwidth", "")))
    response = HttpResponse(json.dumps(card, ensure_ascii=False), content_type="application/json")
    return depends_on(response, f"article:{article.pk}")


def _width(text: str) -> int:
    return min(max(int(text), SMALLEST), WIDTH) if text.isascii() and text.isdigit() and len(text) < 6 else WIDTH


def _card(version: Version, width: int) -> JsonObject:
    name, url = get_publication().name, absolute_url(version.article.get_absolute_url())
    labels = label_sentences(version.head)
    html = format_html(
        '<blockquote cite="{url}"><p><a href="{url}">{headline}</a></p><p>{standfirst}</p>{labels}'
        "<footer>{name}</footer></blockquote>",
        url=url, headline=version.headline, standfirst=version.standfirst, name=name,
        labels=format_html_join("", "<p><small>{}</small></p>", ((label,) for label in labels)),
    )  # fmt: skip
    card: JsonObject = {
        "version": "1.0",
        "type": "rich",
        "title": version.headline,
        "author_name": ", ".join(byline["name"] for byline in version.head["bylines"]),
        "provider_name": name,
        "provider_url": f"{settings.SITE_URL}/",
        "cache_age": 3600,
        "html": html,
        "width": width,
        "height": HEIGHT,
        "access": LEVELS.get(version.required_level, str(version.required_level)),
        "ai_labels": labels,
    }
    if (image := lead_image(version)) is not None:
        card |= {"thumbnail_url": image.url, "thumbnail_width": image.width, "thumbnail_height": image.height}
    return card
