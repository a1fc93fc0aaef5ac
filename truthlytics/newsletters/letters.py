"""The text of an issue with its images, buttons and embeds: its HTML, what it states, and why it cannot be sent."""

from django.utils.translation import gettext as _

from articles.models import Image
from articles.presenters.pages import render_page
from articles.responsibility import text_digest
from articles.richtext.vocabulary import image_uuids
from articles.services.item_types.base import image_texts
from truthlytics.newsletters.models import Issue
from truthlytics.web.types import JsonObject


def pictures_of(issue: Issue) -> JsonObject:
    """Return the texts and files of the images in `issue`: as it was sent, before that as the library has them."""
    if issue.pictures is not None:
        return dict(issue.pictures)
    uuids = image_uuids(issue.body)
    return image_texts(Image.objects.filter(uuid__in=uuids)) if uuids else {}


def letter_content(issue: Issue) -> JsonObject:
    """Return the words of an issue, its use of AI and its reviews, as contents of versions have them."""
    words = [issue.body, *(row.sentence for row in issue.articles.all())]
    content = {"headline": issue.subject, "standfirst": issue.preview_text, "body": "\n".join(words)}
    digest = text_digest(content)
    reviews = [{**review, "of_this_text": review["text_digest"] == digest} for review in issue.reviews]
    current = [review for review in reviews if review["of_this_text"]]
    return content | {"pictures": pictures_of(issue), "reviews": current or reviews, **issue.ai_content()}


def letter_html(issue: Issue) -> str:
    """Return the HTML of the text, as articles have it."""
    return render_page({"body": issue.body, "pictures": pictures_of(issue)}).free_html if issue.body else ""


def image_problems(issue: Issue) -> list[str]:
    """Return sentences about images in the text that readers could not see, or not without seeing."""
    uuids = image_uuids(issue.body)
    images = {str(row.uuid): row for row in Image.objects.filter(uuid__in=uuids).prefetch_related("renditions")}
    problems = []
    if not images.keys() >= {*uuids}:
        problems.append(_("An image was deleted from the library. Remove or replace it."))
    for image in images.values():
        if not image.complete:
            problems.append(_("The image “%(name)s” has no alt text or no credit.") % {"name": image})
        elif not image.can_be_shown:
            problems.append(_("The image “%(name)s” is still being processed.") % {"name": image})
    return problems
