"""Pages about the publication: about, contact, policies."""

import json
import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from articles.models.publishable import Publishable, PublishableQuerySet, PublishableVersion, PublishableVersionQuerySet
from articles.models.revisions import Editable
from articles.richtext.vocabulary import ProseField, image_uuids


class Purpose(models.TextChoices):
    """What a page is for: what the law or readers look for, or, in the terms of schema.org, for structured data."""

    IMPRINT = "imprint", _("Imprint")
    PRIVACY = "privacy", _("Privacy")
    TERMS = "terms", _("Terms")
    WITHDRAWAL = "withdrawal", _("Right of withdrawal")
    COMMENT_RULES = "commentRules", _("Comment rules")
    ABOUT = "AboutPage", _("About us")
    CONTACT = "ContactPage", _("Contact")
    PRINCIPLES = "publishingPrinciples", _("Publishing principles")
    ETHICS = "ethicsPolicy", _("Ethics policy")
    CORRECTIONS = "correctionsPolicy", _("Corrections policy")
    CHECKING = "verificationFactCheckingPolicy", _("Fact-checking policy")
    SOURCES = "unnamedSourcesPolicy", _("Unnamed sources")
    BYLINES = "noBylinesPolicy", _("Articles without a byline")
    FUNDING = "ownershipFundingInfo", _("Ownership and funding")
    MASTHEAD = "masthead", pgettext_lazy("page", "Masthead")
    DIVERSITY = "diversityPolicy", _("Diversity policy")
    STAFF = "diversityStaffingReport", _("Staff diversity report")
    FEEDBACK = "actionableFeedbackPolicy", _("Feedback policy")
    COVERAGE = "missionCoveragePrioritiesPolicy", _("Mission and coverage priorities")

    @property
    def of_the_publication(self) -> bool:
        """Whether schema.org has it as a property of the publication."""
        return self not in RULES and not self.is_type_of_page

    @property
    def is_type_of_page(self) -> bool:
        """Whether schema.org has it as a type of page."""
        return self.value.endswith("Page")


# Those that schema.org does not know.
RULES = (Purpose.IMPRINT, Purpose.PRIVACY, Purpose.TERMS, Purpose.WITHDRAWAL, Purpose.COMMENT_RULES)
# What a publication that sells has to tell its readers, in many countries by law.
REQUIRED_TO_SELL = (Purpose.IMPRINT, Purpose.PRIVACY, Purpose.TERMS, Purpose.WITHDRAWAL)
# Pages that put themselves into the footer, in this order, and in which no instruction to the publisher may stay.
IN_FOOTER = (*RULES, Purpose.CORRECTIONS)


class PageQuerySet(PublishableQuerySet["Page"]):
    def policies(self, now: datetime | None = None) -> Self:
        """Return the public pages with a purpose, for structured data about the publication."""
        return self.published(now).exclude(purpose="").only("slug", "purpose").order_by("purpose")

    def showing_image(self, image: uuid.UUID) -> Self:
        """Return the pages with the image in their working text or in any version."""
        versions = PageVersion.objects.filter(content__contains=str(image))
        return self.filter(Q(body__contains=str(image)) | Q(pk__in=versions.values("page")))


class Page(Editable, Publishable):
    headline = models.CharField(_("title"), max_length=120)
    standfirst = models.TextField(blank=True, max_length=300, help_text=_("One sentence under the title."))
    body: "models.TextField[str, str]" = ProseField(blank=True)
    purpose = models.CharField(_("page type"), max_length=40, choices=Purpose, blank=True)
    slug = models.SlugField(
        max_length=120, unique=True, error_messages={"unique": _("Another page has this URL. Choose a different one.")}
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    # The number of the newest revision, as for articles.
    revision_number = models.PositiveIntegerField(default=0, editable=False)

    # As the row was read, so that saving tells a page that is no longer a policy.
    loaded_purpose = ""

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["headline", "pk"]
        permissions = [("publish_page", _("Can publish and withdraw pages"))]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose"],
                condition=~Q(purpose=""),
                name="page_purpose_unique",
                violation_error_message=_("Another page already has this type."),
            )
        ]

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        page = super().from_db(*args, **kwargs)
        page.loaded_purpose = page.__dict__.get("purpose", "")
        return page

    def __str__(self) -> str:
        return self.headline or "Untitled"

    def get_absolute_url(self) -> str:
        return reverse("articles:page", args=[self.slug])


class PageVersionQuerySet(PublishableVersionQuerySet["PageVersion"]):
    def served_for(self, *purposes: str, now: datetime | None = None) -> Self:
        """Return the served versions of the public pages with these purposes, with their pages."""
        served = self.served(now).filter(page__purpose__in=purposes).select_related("page")
        return served.defer("page__body")


class PageVersion(PublishableVersion):
    """A published page. `content` is digested and chained like an article's versions."""

    of = "page"

    page = models.ForeignKey(Page, models.PROTECT, related_name="versions")
    # None after redaction. The version that is served is never redacted.
    content: "models.TextField[Any, Any]" = models.TextField(null=True, editable=False)

    objects = PageVersionQuerySet.as_manager()

    class Meta:
        ordering = ["page", "number"]
        constraints = [models.UniqueConstraint(fields=["page", "number"], name="page_version_number_unique")]


def image_uuids_in_pages() -> set[str]:
    """Return the uuids of all images in pages and their versions. A publication has a few dozen pages."""
    uuids = set()
    for body in Page.objects.values_list("body", flat=True):
        uuids.update(image_uuids(body))
    for content in PageVersion.objects.exclude(content=None).values_list("content", flat=True):
        uuids.update(json.loads(content or "{}").get("pictures", {}))
    return uuids
