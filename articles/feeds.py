"""The feed: headline, standfirst and the free part, as everybody may read them."""

import re
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from articles.metadata import absolute
from articles.models import Article, Version
from truthlytics.web.pages import public_page

SIZE = 30
_SIDENOTE = re.compile(r'<small class="sidenote".*?</small>', re.DOTALL)
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class FullTextFeed(Rss201rev2Feed):
    """RSS 2.0 with `content:encoded` and Dublin Core authors, which readers' programs expect."""

    def rss_attributes(self) -> dict[str, str]:
        return super().rss_attributes() | {
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["authors"]:
            handler.addQuickElement("dc:creator", name)
        handler.addQuickElement("content:encoded", item["content"])


class LatestFeed(Feed):
    feed_type = FullTextFeed
    title = settings.PUBLICATION["name"]
    description = settings.PUBLICATION["description"]
    language = settings.LANGUAGE_CODE
    item_guid_is_permalink = False

    @classmethod
    def as_page(cls) -> Any:
        feed = cls()

        def rss(request: HttpRequest) -> HttpResponse:
            return feed(request)

        return public_page(tags=["listing"])(require_safe(rss))

    def link(self) -> str:
        return absolute(reverse("articles:front"))

    def feed_url(self) -> str:
        return absolute(reverse("articles:rss"))

    def items(self) -> list[Version]:
        now = timezone.now()
        newest = Article.objects.published(now).order_by("-published_at", "-id")[:SIZE]
        return [article.as_served(now) for article in newest]

    def item_title(self, item: Version) -> str:
        return _NOT_IN_XML.sub("", item.headline)

    def item_description(self, item: Version) -> str:
        return _NOT_IN_XML.sub("", item.standfirst)

    def item_link(self, item: Version) -> str:
        return absolute(item.article.get_absolute_url())

    def item_guid(self, item: Version) -> str:
        return f"urn:uuid:{item.article.uuid}"

    def item_pubdate(self, item: Version) -> Any:
        return item.article.published_at

    def item_categories(self, item: Version) -> list[str]:
        section = [item.head["section"]["name"]] if item.head["section"] else []
        return section + [topic["name"] for topic in item.head["topics"]]

    def item_extra_kwargs(self, item: Version) -> dict[str, Any]:
        content = _SIDENOTE.sub("", item.free_html)
        if item.required_level:
            content += f'<p><a href="{absolute(item.article.get_absolute_url())}">Read on at {self.title}</a></p>'
        content = content.replace('src="/', f'src="{settings.SITE_URL}/').replace(
            'href="/', f'href="{settings.SITE_URL}/'
        )
        content = re.sub(r'\ssrcset="[^"]*"', "", content)
        return {"authors": [byline["name"] for byline in item.head["bylines"]], "content": _NOT_IN_XML.sub("", content)}
