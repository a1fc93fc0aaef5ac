"""Template context of pages, from a published version or from a preview."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.text import Truncator

from articles.media.renditions import responsive_images
from articles.models import Page, PageVersion
from articles.presenters.responsibility import head_of
from articles.richtext.rendering import RenderedBody, render
from articles.richtext.struck import without_struck
from articles.seo.jsonld import breadcrumbs, web_page
from articles.seo.meta import absolute_url, stated_of_page
from truthlytics.web.types import Content, TemplateContext


def page_context(page: Page, content: Content, changes: Sequence[PageVersion]) -> TemplateContext:
    """Return the context of `page` with `content`.

    `changes` are its public versions, newest first, including the one shown.
    """
    rendered, head = render_page(content), head_of(content)
    title, url = content["headline"], page.get_absolute_url()
    description = content["standfirst"] or Truncator(without_struck(rendered.plain_all)).words(30)
    published, modified = changes[-1].public_from, changes[0].public_from
    return {
        "title": title,
        "standfirst": content["standfirst"],
        # Safe: rendered from a sanitised body.
        "body": mark_safe(rendered.free_html),  # noqa: S308
        "notes": mark_safe(rendered.free_notes),  # noqa: S308
        "head": head,
        "changes": changes,
        "history_url": reverse("articles:page_history", args=[page.slug]),
        "description": description,
        "canonical": absolute_url(url),
        "structure": [
            web_page(page, title, description, published=published, modified=modified) | stated_of_page(head),
            breadcrumbs((title, url)),
        ],
    }


def render_page(content: Content) -> RenderedBody:
    """Render the body of a page, with the current renditions of its images."""
    ungated = {**content, "required_level": 0}
    return render(ungated, responsive_images(ungated) if content["pictures"] else {})
