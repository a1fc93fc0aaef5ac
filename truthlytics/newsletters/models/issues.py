"""Issues of newsletters: an article in full, a digest, or only a text."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from articles.access import Level
from articles.models import Image
from articles.models.how_we_know import UseOfAI
from articles.richtext.short_text import LetterField
from articles.richtext.vocabulary import image_uuids

MAX_SUBJECT_LENGTH = 150
MAX_PREVIEW_LENGTH = 200
MAX_SENTENCE_LENGTH = 500


class IssueQuerySet(models.QuerySet["Issue"]):
    def undecided(self) -> Self:
        """Return the issues that can still be changed: drafts, and those that wait for approval or for their time."""
        return self.filter(state__in=Issue.UNDECIDED)

    def needing_attention(self) -> Self:
        """Return the issues that wait for an editor: for approval, or because something kept them from being sent."""
        stuck = Q(state__in=[Issue.State.DRAFT, Issue.State.PAUSED]) & ~Q(pause_reason="")
        return self.filter(Q(state=Issue.State.WAITING) | stuck)

    def due(self, now: datetime) -> Self:
        """Return the scheduled issues that are due by `now`."""
        return self.filter(state=Issue.State.SCHEDULED, send_at__lte=now)

    def unfinished(self) -> Self:
        """Return the issues that are being sent and were not paused."""
        return self.filter(state__in=[Issue.State.PREPARING, Issue.State.SENDING])

    def current(self, now: datetime) -> Self:
        """Return the issues that are being sent, are paused, or were prepared in the last day."""
        sending = Q(state__in=[Issue.State.PREPARING, Issue.State.SENDING, Issue.State.PAUSED])
        return self.filter(sending | Q(prepared_at__gt=now - timedelta(days=1)))

    def sent(self) -> Self:
        """Return the issues that have pages of their own."""
        return self.filter(prepared_at__isnull=False)

    def newest(self) -> Self:
        """Return the issues that were sent, without corrections and texts, newest first."""
        return self.sent().filter(corrects=None).order_by("-prepared_at").defer("body")


class Issue(UseOfAI):
    """One email to the readers of a newsletter. What they get is fixed when it is prepared (see `Variant`).

    The use of AI is about its own text, and not about its articles.
    """

    class Kind(models.TextChoices):
        ARTICLE = "article", _("An article in full")
        DIGEST = "digest", _("Digest")
        LETTER = "letter", _("Letter")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        WAITING = "waiting", _("Waits for approval")
        SCHEDULED = "scheduled", _("Scheduled")
        PREPARING = "preparing", _("Being prepared")
        SENDING = "sending", _("Being sent")
        PAUSED = "paused", _("Paused")
        STOPPED = "stopped", pgettext_lazy("issue", "Stopped")
        SENT = "sent", _("Sent")
        CANCELLED = "cancelled", _("Cancelled")

    # The states in which an issue can still be changed.
    UNDECIDED = (State.DRAFT, State.WAITING, State.SCHEDULED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    newsletter = models.ForeignKey("newsletters.Newsletter", models.PROTECT, related_name="issues")
    kind = models.CharField(max_length=8, choices=Kind)
    subject = models.CharField(_("subject"), max_length=MAX_SUBJECT_LENGTH)
    preview_text = models.CharField(
        _("preview text"),
        max_length=MAX_PREVIEW_LENGTH,
        blank=True,
        help_text=_("Mail programs show it beside the subject."),
    )
    # The introduction of a digest or article, or the whole issue.
    body = LetterField(_("text"), blank=True)
    # The texts and files of its images, as in the content of versions (see `letters`). Set when it is prepared.
    pictures = models.JSONField(null=True, editable=False)
    # The newest of each reviewer, as in the content of versions, each with the `text_digest` of what was reviewed.
    reviews = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), editable=False)
    # The last part of its address. Set when it is prepared.
    slug = models.SlugField(max_length=20, blank=True, editable=False)
    # The issue that was sent with the mistake, and the correction.
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    correction = models.ForeignKey(
        "articles.Correction", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    # A digest has what appeared until this time. One that was made by schedule is the only one of its day.
    digest_until = models.DateTimeField(null=True, blank=True, editable=False)
    digest_day = models.DateField(null=True, blank=True, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    send_at = models.DateTimeField(null=True, blank=True)
    # Which recipients of the newsletter get it (`services.audiences.Audience`); None for all.
    audience = models.JSONField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    prepared_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Why it was paused or became a draft again: a sentence for the newsroom.
    pause_reason = models.CharField(max_length=300, blank=True, editable=False)
    # How many emails had failed when an editor decided to continue nevertheless.
    accepted_failures = models.PositiveIntegerField(default=0, editable=False)
    # Nothing is submitted before this time, because the mail server asked to wait or does not answer.
    wait_until = models.DateTimeField(null=True, blank=True, editable=False)
    # The process that submits it, and until when no other may take over.
    sender = models.UUIDField(null=True, blank=True, editable=False)
    sender_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = IssueQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        indexes = [models.Index(fields=["state", "send_at"], name="issue_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["newsletter", "slug"], condition=~Q(slug=""), name="issue_has_an_address_of_its_own"
            ),
            models.UniqueConstraint(fields=["newsletter", "digest_day"], name="one_scheduled_digest_per_day"),
            models.UniqueConstraint(fields=["corrects", "correction"], name="correction_once_per_issue"),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(send_at__isnull=False), name="scheduled_issue_has_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "sent"]) | Q(prepared_at__isnull=False),
                name="issue_is_prepared_before_it_is_sent",
            ),
        ]

    def __str__(self) -> str:
        return self.subject or str(_("(without a subject)"))

    def get_absolute_url(self) -> str:
        return reverse("newsletters:issue", args=[self.newsletter.slug, self.slug])

    def title_above(self, headline: str) -> str:
        """Return the title of an issue; `headline` is that of its first article.

        It is the subject. That of a digest is the headline of its first article unless editors change it; then it is
        the newsletter's name, because the headline follows.
        """
        is_repeated = headline != "" and headline[:MAX_SUBJECT_LENGTH] == self.subject
        return self.newsletter.name if is_repeated else self.subject

    def protect_images(self) -> None:
        """Store which images its text shows, so that they are not deleted. Safe to repeat."""
        shown = Image.objects.filter(uuid__in=image_uuids(self.body))
        self.images.exclude(image__in=shown).delete()
        IssueImage.objects.bulk_create((IssueImage(issue=self, image=image) for image in shown), ignore_conflicts=True)

    @property
    def has_own_text(self) -> bool:
        """Whether it has words of its own, and not only articles."""
        return bool(self.body) or any(row.sentence for row in self.articles.all())

    @property
    def must_state_ai_uses(self) -> bool:
        return self.has_own_text and not self.ai_uses

    @property
    def is_undecided(self) -> bool:
        return self.state in self.UNDECIDED

    @property
    def is_moving(self) -> bool:
        """Whether it is on its way to readers and was not paused."""
        return self.state in {self.State.PREPARING, self.State.SENDING}


class IssueArticle(models.Model):
    """An article in an issue, and the version of it that readers got.

    In a digest, editors may write a `sentence` that stands in the place of the standfirst.
    It repeats the issue's newsletter, so that the database refuses an article that the newsletter has sent before.
    `is_repeated` is for corrections, which go to those who got the article.
    """

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="articles")
    newsletter = models.ForeignKey("newsletters.Newsletter", models.PROTECT, related_name="+")
    article = models.ForeignKey("articles.Article", models.PROTECT, related_name="newsletter_issues")
    version = models.ForeignKey("articles.Version", models.PROTECT, null=True, editable=False, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    sentence = models.CharField(
        _("sentence of your own"), max_length=MAX_SENTENCE_LENGTH, blank=True, default="", db_default=""
    )
    is_repeated = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["newsletter", "article"],
                condition=Q(is_repeated=False),
                name="article_once_per_newsletter",
                violation_error_message=_("This newsletter already has an issue with this article."),
            ),
            models.UniqueConstraint(fields=["issue", "article"], name="article_once_per_issue"),
        ]

    def __str__(self) -> str:
        return f"{self.issue}: {self.article}"


class IssueImage(models.Model):
    """An image in the text of an issue, which cannot be deleted meanwhile: emails have its address."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="images")
    image = models.ForeignKey("articles.Image", models.PROTECT, related_name="newsletter_issues")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "image"], name="image_once_per_issue")]

    def __str__(self) -> str:
        return f"{self.issue}: {self.image}"


class Variant(models.Model):
    """An issue as readers of `level` and above get it. Rendered once, when the issue is prepared.

    It has marks where each reader's own links belong (see `services.sending`).
    """

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="variants")
    level = models.PositiveSmallIntegerField(choices=Level)
    html = models.TextField()
    text = models.TextField()

    class Meta:
        ordering = ["level"]
        constraints = [models.UniqueConstraint(fields=["issue", "level"], name="one_variant_per_level")]

    def __str__(self) -> str:
        return f"{self.issue} ({self.get_level_display()})"
