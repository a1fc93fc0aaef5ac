"""Sample content that is difficult to lay out. Nothing is saved, and most links do not work."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.templatetags.static import static

from articles.models import Article, Kind, Section, Version
from truthlytics.web.types import TemplateContext

PUBLISHED = datetime(2026, 5, 3, 9, 0, tzinfo=UTC)
LONG_HEADLINE = (
    "On the slow, contested and still unfinished business of measuring what a government costs the people who were "
    "never asked whether they wanted it measured, and who will pay for the measuring too, before long"
)
UNBROKEN_TEXT = ("Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung" * 3)[:200]
STANDFIRST = (
    "A standfirst may be long as well, and this one is: it runs over several lines, has a word such as "
    "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung in it, and must not push the page sideways."
)
AUTHOR_NAMES = [
    "Ines Halloran", "Tomasz Wieczorek", "Rukmini Dasgupta", "Sunniva Brandt", "Idris Vahl", "נעה ברקוביץ׳",
    "Maximiliane von Hohenfels-Oberstaufenbach", "ليلى الحداد",
]  # fmt: skip
RTL_HEADLINE = "القطار الذي لم يصل إلى المحطة"


def bylines(*names: str, portraits: bool = False) -> list[dict[str, str]]:
    return [
        {
            "name": name,
            "slug": f"sample-{number}",
            "role": "Climate editor",
            "portrait": static(f"img/portrait-{number % 3 + 1}.svg") if portraits else "",
        }
        for number, name in enumerate(names)
    ]


def lead() -> TemplateContext:
    """Return a drawing from the static files in the format of a library image."""
    files = [[static("img/files.svg"), 900]]
    texts = {
        "alt": "Shelves of files",
        "caption": "What is not in the system is in the corridor.",
        "credit": "Drawing: T. Est",
    }
    return {**texts, "width": 900, "height": 600, "sources": {"jpeg": files}}


def section(name: str = "Politics", intro: str = "") -> Section:
    return Section(name=name, slug="sample", intro=intro)


def version(headline: str = "The queue is the price", number: int = 1, **fields: Any) -> Version:
    """Return an unsaved version; `head` is merged into the defaults."""
    kind = Kind(fields.pop("kind", Kind.ANALYSIS))
    head = {
        "section": {"name": "Climate", "slug": "sample"},
        "topics": [],
        "bylines": bylines("Ines Halloran"),
        "lead": None,
        "seo": {"title": "", "description": ""},
    }
    published = fields.pop("published", PUBLISHED - timedelta(days=number))
    return Version(
        article=Article(pk=-number, slug=f"sample-{number}", published_at=published),
        article_id=-number,  # matches no row, so no real comments are counted
        number=1,
        public_from=published,
        changed_at=published,
        headline=headline,
        kind=kind,
        head=head | fields.pop("head", {}),
        words_all=fields.pop("words", 1200),
        **{"standfirst": "Places in it are traded like flats.", **fields},
    )
