from django.urls import URLPattern, path, re_path, register_converter
from django.urls.converters import StringConverter

from articles import views


class FeedFileConverter(StringConverter):
    regex = r"(?:rss\.xml|atom\.xml|feed\.json)"


class SitemapNameConverter(StringConverter):
    regex = "(?:articles|sections|topics|authors|series|dossiers|pages)"


class YearConverter:
    """1000 to 9998. The year 9999 is excluded because its end cannot be represented as a datetime."""

    regex = r"(?!9999)[1-9][0-9]{3}"
    digits = 4

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:0{self.digits}}"


class MonthConverter(YearConverter):
    regex = r"(?:0[1-9]|1[0-2])"
    digits = 2


class AudioExtensionConverter(StringConverter):
    regex = "(?:mp3|m4a|ogg|opus|wav)"


class VersionNumberConverter:
    """The number of a version, written in one way only. No item has a million of them."""

    regex = "[1-9][0-9]{0,5}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(VersionNumberConverter, "version")
register_converter(AudioExtensionConverter, "audio")
register_converter(YearConverter, "year")
register_converter(MonthConverter, "month")
register_converter(FeedFileConverter, "feed")
register_converter(SitemapNameConverter, "sitemap")


def history_urls(prefix: str, name: str) -> list[URLPattern]:
    """Return the URLs of the public history of articles, dossiers or pages."""
    return [
        path(f"{prefix}/<slug:slug>/history/", getattr(views, f"{name}_history"), name=f"{name}_history"),
        path(
            f"{prefix}/<slug:slug>/history/<version:old>..<version:new>/",
            getattr(views, f"{name}_comparison"),
            name=f"{name}_comparison",
        ),
        path(
            f"{prefix}/<slug:slug>/versions/<version:number>/",
            getattr(views, f"{name}_version"),
            name=f"{name}_version",
        ),
        path(f"{prefix}/<slug:slug>/verify/", getattr(views, f"{name}_verification"), name=f"{name}_verification"),
        path(
            f"{prefix}/<slug:slug>/versions/<version:number>/verify/",
            getattr(views, f"{name}_verification"),
            name=f"{name}_verification",
        ),
        path(f"{prefix}/<slug:slug>/evidence.json", getattr(views, f"{name}_evidence"), name=f"{name}_evidence"),
        path(
            f"{prefix}/<slug:slug>/versions/<version:number>/evidence.json",
            getattr(views, f"{name}_evidence"),
            name=f"{name}_evidence",
        ),
    ]


app_name = "articles"
urlpatterns = [
    path("", views.front, name="front"),
    path("latest/", views.latest, name="latest"),
    path("articles/<slug:slug>/", views.article, name="article"),
    *history_urls("articles", "article"),
    path("articles/<slug:slug>.json", views.article_json, name="article_json"),
    path("articles/<slug:slug>.md", views.article_markdown, name="article_markdown"),
    path("articles/<slug:slug>/versions/<version:number>.json", views.article_json, name="article_version_json"),
    path("articles/<slug:slug>/versions/<version:number>.md", views.article_markdown, name="article_version_markdown"),
    path("articles/<slug:slug>/report-error/", views.report_error, name="report_error"),
    path("articles/<slug:slug>/report-error/sent/", views.error_reported, name="error_reported"),
    path("articles/<slug:slug>/saved/", views.save, name="save"),
    path("articles/<slug:slug>/saved/removal/", views.unsave, name="unsave"),
    path("account/saved/", views.saved_list, name="saved"),
    path("articles/<slug:slug>/gift-link/", views.gift_link, name="gift_link"),
    path("account/gift-links/", views.gift_links, name="gift_links"),
    path("articles/<slug:slug>/audio.<audio:extension>", views.audio, name="audio"),
    path("drafts/<str:token>/", views.draft, name="draft"),
    path("drafts/<str:token>/remarks/", views.draft_remarks, name="draft_remarks"),
    path("sections/<slug:slug>/", views.section, name="section"),
    path("topics/", views.topic_list, name="topic_list"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("authors/", views.author_list, name="author_list"),
    path("authors/<slug:slug>/", views.author, name="author"),
    path("archive/", views.archive, name="archive"),
    path("archive/<year:year>/<month:number>/", views.month, name="month"),
    path("series/", views.series_list, name="series_list"),
    path("series/<slug:slug>/", views.series, name="series"),
    path("dossiers/", views.dossier_list, name="dossier_list"),
    path("dossiers/<slug:slug>/", views.dossier, name="dossier"),
    *history_urls("dossiers", "dossier"),
    path("pages/<slug:slug>/", views.page, name="page"),
    *history_urls("pages", "page"),
    path("corrections/", views.corrections, name="corrections"),
    path("corrections/feeds/<feed:file>", views.corrections_feed, name="corrections_feed"),
    path(".well-known/record.json", views.record, name="record"),
    path(".well-known/record/<int:year>-<int:month>/<int:part>.json", views.record_part, name="record_part"),
    path("search/", views.search, name="search"),
    path("oembed/", views.oembed, name="oembed"),
    path("feeds/rss.xml", views.feed, {"file": "rss.xml"}, name="rss"),
    path("feeds/<feed:file>", views.feed, name="feed"),
    path("sections/<slug:slug>/feeds/<feed:file>", views.section_feed, name="section_feed"),
    path("topics/<slug:slug>/feeds/<feed:file>", views.topic_feed, name="topic_feed"),
    path("authors/<slug:slug>/feeds/<feed:file>", views.author_feed, name="author_feed"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("sitemap-news.xml", views.sitemap_news, name="sitemap_news"),
    path("sitemap-pages.xml", views.sitemap_pages, name="sitemap_pages"),
    path("sitemap-<sitemap:name>-<int:number>.xml", views.sitemap_part, name="sitemap_part"),
    re_path(r"^media/(?P<sha256>[0-9a-f]{64})\.(?P<extension>avif|webp|jpg)$", views.media, name="media"),
    re_path(r"^media/(?P<sha256>[0-9a-f]{64})\.(?P<extension>pdf|csv|xlsx|ods|json)$", views.document, name="document"),
]
