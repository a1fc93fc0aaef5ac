"""What the templates of a dossier and of a page draw: of the version that is served, or of one that is not made yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.safestring import mark_safe
from django.utils.text import Truncator

from articles.media.renditions import pictures_of
from articles.models import Dossier, DossierVersion, Page, PageVersion
from articles.presenters import dossiers
from articles.richtext.rendering import Rendered, plain, render
from articles.seo.jsonld import breadcrumbs, collection, page_of_words
from articles.seo.meta import absolute

Content = Mapping[str, Any]


def of_page(page: Page, content: Content, changes: Sequence[PageVersion]) -> dict[str, Any]:
    """`page` with these words; `changes` are its public versions, newest first, the one that is read among them."""
    rendered = drawn(content)
    title, here = content["headline"], page.get_absolute_url()
    description = content["standfirst"] or Truncator(" ".join(rendered.plain_all.split())).words(30)
    since, changed = changes[-1].public_from, changes[0].public_from
    return {
        "title": title,
        "standfirst": content["standfirst"],
        # The renderer's own, out of a body that was cleaned.
        "body": mark_safe(rendered.free_html),  # noqa: S308
        "notes": mark_safe(rendered.free_notes),  # noqa: S308
        "changes": changes,
        "description": description,
        "canonical": absolute(here),
        "structure": [
            page_of_words(page, title, description, since=since, changed=changed),
            breadcrumbs((title, here)),
        ],
    }


def drawn(content: Content) -> Rendered:
    """The words of a page as HTML, with the sizes that its pictures have today."""
    whole = {**content, "required_level": 0}
    return render(whole, pictures_of(whole) if content["pictures"] else {})


def of_dossier(dossier: Dossier, content: Content, changes: Sequence[DossierVersion], now: datetime) -> dict[str, Any]:
    """`dossier` with these words, and of the articles that it names what is public at `now`."""
    pieces = dossiers.pieces_of(content, now)
    links = dossiers.links_of(pieces)
    title, here = content["title"], dossier.get_absolute_url()
    description = Truncator(" ".join(plain(content["summary"]).split())).words(30)
    listed = [(link.headline, link.url) for link in links]
    return {
        "title": title,
        "summary": dossiers.summary_of(content),
        "entries": dossiers.entries_of(content, links),
        "pieces": pieces,
        "changes": changes,
        "description": description,
        "canonical": absolute(here),
        "structure": [collection(title, here, description, listed), breadcrumbs((title, here))],
    }
