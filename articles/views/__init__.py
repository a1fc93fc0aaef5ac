from truthlytics.web.later import later_view

from .archive import archive, month
from .article import article
from .audio import audio
from .dossiers import dossier
from .drafts import draft, draft_remarks
from .lists import author, front, latest, section, series, topic
from .media import document, media
from .pages import page
from .search import search
from .sitemaps import sitemap, sitemap_news, sitemap_pages, sitemap_part

# Feeds are written with lxml, which nothing else that readers ask for needs.
feed, section_feed, topic_feed, author_feed = (
    later_view(f"articles.views.feeds.{name}") for name in ("feed", "section_feed", "topic_feed", "author_feed")
)

__all__ = [
    "archive",
    "article",
    "audio",
    "author",
    "author_feed",
    "document",
    "dossier",
    "draft",
    "draft_remarks",
    "feed",
    "front",
    "latest",
    "media",
    "month",
    "page",
    "search",
    "section",
    "section_feed",
    "series",
    "sitemap",
    "sitemap_news",
    "sitemap_pages",
    "sitemap_part",
    "topic",
    "topic_feed",
]
