"""What a publication says of itself: about, contact, its policies."""

import json
import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from articles.models.publishable import Publishable, PublishableQuerySet, PublishableVersion, PublishableVersionQuerySet
from articles.models.revisions import Begun
from articles.richtext.vocabulary import ProseField, pictures_in


class Purpose(models.TextChoices):
    """What a page is for, where machines have a word for it: the names of schema.org."""

    ABOUT = "AboutPage", "About us"
    CONTACT = "ContactPage", "Contact"
    PRINCIPLES = "publishingPrinciples", "Publishing principles"
    ETHICS = "ethicsPolicy", "Ethics policy"
    CORRECTIONS = "correctionsPolicy", "Corrections policy"
    CHECKING = "verificationFactCheckingPolicy", "How facts are checked"
    SOURCES = "unnamedSourcesPolicy", "Unnamed sources"
    BYLINES = "noBylinesPolicy", "Pieces without a byline"
    FUNDING = "ownershipFundingInfo", "Ownership and funding"
    MASTHEAD = "masthead", "Who works here"
    DIVERSITY = "diversityPolicy", "Diversity policy"
    STAFF = "diversityStaffingReport", "Report on the staff"
    FEEDBACK = "actionableFeedbackPolicy", "How readers are answered"
    COVERAGE = "missionCoveragePrioritiesPolicy", "Mission and what is covered"

    @property
    def of_the_publication(self) -> bool:
        """True for a property of the publication, false for a kind of page."""
        return not self.value.endswith("Page")


class PageQuerySet(PublishableQuerySet["Page"]):
    def policies(self, now: datetime | None = None) -> Self:
        """The public pages that say something of the publication which machines ask for."""
        return self.published(now).exclude(purpose="").only("slug", "purpose").order_by("purpose")

    def showing(self, picture: uuid.UUID) -> Self:
        """The pages in whose working text, or in a version of which, the picture of this uuid stands."""
        made = PageVersion.objects.filter(content__contains=str(picture))
        return self.filter(Q(body__contains=str(picture)) | Q(pk__in=made.values("page")))


class Page(Begun, Publishable):
    headline = models.CharField("title", max_length=120)
    standfirst = models.TextField(blank=True, max_length=300, help_text="One sentence under the title.")
    body: "models.TextField[str, str]" = ProseField(blank=True)
    purpose = models.CharField("what it is", max_length=40, choices=Purpose, blank=True)
    slug = models.SlugField(
        max_length=120, unique=True, error_messages={"unique": "Another page has this address. Choose another."}
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    # Counts the saves on purpose that changed something, as an article's does.
    edition = models.PositiveIntegerField(default=0, editable=False)

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["headline", "pk"]
        permissions = [("publish_page", "Can publish and withdraw pages")]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose"], condition=~Q(purpose=""), name="one_page_a_purpose",
                violation_error_message="Another page is this already.",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.headline or "Untitled"

    def get_absolute_url(self) -> str:
        return reverse("articles:page", args=[self.slug])


class PageVersionQuerySet(PublishableVersionQuerySet["PageVersion"]):
    pass


class PageVersion(PublishableVersion):
    """What was published of a page: its words in `content`, digested and chained as an article's versions are."""

    of = "page"

    page = models.ForeignKey(Page, models.PROTECT, related_name="versions")
    content = models.TextField(editable=False)
    content_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    objects = PageVersionQuerySet.as_manager()

    class Meta:
        ordering = ["page", "number"]
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="version_number_once_per_page"),
        ]


def pictures_of_pages() -> set[str]:
    """The uuids of all pictures in pages and their versions. A publication has a few dozen pages."""
    named = set()
    for body in Page.objects.values_list("body", flat=True):
        named.update(pictures_in(body))
    for content in PageVersion.objects.exclude(content=None).values_list("content", flat=True):
        named.update(json.loads(content or "{}").get("pictures", {}))
    return named
