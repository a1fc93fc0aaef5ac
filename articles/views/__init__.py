from articles.views.archive import archive, month
from articles.views.article import article
from articles.views.audio import audio
from articles.views.corrections import corrections
from articles.views.directories import author_list, dossier_list, series_list, topic_list
from articles.views.dossiers import dossier
from articles.views.drafts import draft, draft_remarks
from articles.views.error_reports import error_reported, report_error
from articles.views.feeds import sitemap, sitemap_news, sitemap_pages, sitemap_part
from articles.views.gift_links import gift_link, gift_links
from articles.views.history import (
    article_comparison,
    article_evidence,
    article_history,
    article_json,
    article_markdown,
    article_verification,
    article_version,
    dossier_comparison,
    dossier_evidence,
    dossier_history,
    dossier_verification,
    dossier_version,
    page_comparison,
    page_evidence,
    page_history,
    page_verification,
    page_version,
)
from articles.views.lists import author, front, latest, section, series, topic
from articles.views.media import document, media
from articles.views.oembed import oembed
from articles.views.pages import page
from articles.views.record import record, record_part
from articles.views.saved import save, saved_list, unsave
from articles.views.search import search
from truthlytics.web.lazy_import import lazy_view

# Imported on first use: feeds need lxml, which no other page for readers does.
feed, section_feed, topic_feed, author_feed = (
    lazy_view(f"articles.views.feeds.{name}") for name in ("feed", "section_feed", "topic_feed", "author_feed")
)
corrections_feed = lazy_view("articles.views.correction_feeds.corrections_feed")
