"""Template context of the front page."""

from typing import Any

from django.urls import reverse

from articles.homepage.layout import Layout
from articles.homepage.placement import Candidates, arrange
from articles.seo.jsonld import organisation, website
from articles.seo.meta import absolute_url


def homepage_context(candidates: Candidates, layout: Layout) -> dict[str, Any]:
    """Return the context of `articles/front.html`."""
    return {
        "front": arrange(candidates, layout),
        "masthead_sections": candidates.sections,
        "canonical": absolute_url(reverse("articles:front")),
        "structure": [organisation(), website()],
    }
