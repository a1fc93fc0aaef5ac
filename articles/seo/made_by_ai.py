"""Structured data about the use of AI and about reviews. `head` is that of a version."""

from django.urls import reverse

from articles.media.audio import CONTENT_TYPES
from articles.models import Article
from articles.models.reviews import reviewer_label
from articles.responsibility import (
    NEEDED,
    AILabel,
    AIUse,
    ImageAIUse,
    Judgement,
    has_ai_pictures,
    image_label,
    label_sentences,
)
from articles.seo.meta import absolute_url
from truthlytics.web.types import JsonObject

# The terms of IPTC, as schema.org has them.
MADE = {"@id": "https://schema.org/TrainedAlgorithmicMediaDigitalSource"}
PARTLY_MADE = {"@id": "https://schema.org/CompositeWithTrainedAlgorithmicMediaDigitalSource"}

PICTURES = {ImageAIUse.MADE: MADE, ImageAIUse.CHANGED: PARTLY_MADE}


def made_by_ai(head: JsonObject) -> JsonObject:
    """Return the properties of a text that needs a label."""
    labels = set(Judgement.of(head).labels)
    whole = bool(labels & {AILabel.TRANSLATED, AILabel.WRITTEN})
    source = MADE if whole else PARTLY_MADE if AILabel.PARTS in labels else None
    return {"digitalSourceType": source, "creditText": " ".join(label_sentences(head))}


def picture(url: str, head: JsonObject) -> JsonObject | str:
    """Return the address of the lead image, with the source if it, or some picture of the article, was made by AI."""
    lead = head.get("lead") or {}
    if lead.get("ai_use"):
        return image_object(url, lead["ai_use"], lead["credit"])
    if AIUse.PICTURES not in head.get("ai_uses", ()) or has_ai_pictures(head):
        return url
    text = f"{lead.get('credit', '')} {AILabel.PICTURES.label}".strip()
    return {"@type": "ImageObject", "url": url, "digitalSourceType": MADE, "creditText": text}


def image_object(url: str, ai_use: str, credit: str) -> JsonObject | str:
    """Return the address of an image of the library, with its source if it was made or changed by AI."""
    if not ai_use:
        return url
    text = " · ".join(filter(None, (credit, image_label(ai_use))))
    return {"@type": "ImageObject", "url": url, "digitalSourceType": PICTURES[ImageAIUse(ai_use)], "creditText": text}


def audio(article: Article, head: JsonObject) -> JsonObject | None:
    recording = head.get("audio")
    if not recording:
        return None
    is_made = AILabel.SOUND in Judgement.of(head).labels
    return {
        "@type": "AudioObject",
        "contentUrl": absolute_url(reverse("articles:audio", args=[article.slug, recording["format"]])),
        "encodingFormat": CONTENT_TYPES[recording["format"]],
        "duration": f"PT{recording['seconds']}S",
        **({"digitalSourceType": MADE} if is_made else {}),
    }


def reviewed_page(url: str, head: JsonObject) -> JsonObject | str:
    """Return the address of the page, with who has checked facts and sources of the text as it is."""
    reviewed = _reviewed(head)
    return {"@type": "WebPage", "@id": url, **reviewed} if reviewed else url


def stated_of_page(head: JsonObject) -> JsonObject:
    """Return the properties of a page that is no article: those of a text that needs a label, and reviews."""
    return {name: value for name, value in made_by_ai(head).items() if value} | _reviewed(head)


def _reviewed(head: JsonObject) -> JsonObject:
    reviews = [
        review for review in head.get("reviews", ()) if review["of_this_text"] and set(review["checked"]) >= NEEDED
    ]
    if not reviews:
        return {}
    return {
        "lastReviewed": max(review["at"] for review in reviews)[:10],
        "reviewedBy": [{"@type": "Person", "name": _name(review)} for review in reviews],
    }


def _name(review: JsonObject) -> str:
    return str(review["name"] or reviewer_label("", review["role"], review["reviewer"]))
