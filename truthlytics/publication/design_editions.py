"""What was published as the design of the site, and drafts of the next one."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from truthlytics.publication.design import Design
from truthlytics.web.append_only import AppendOnly, AppendOnlyQuerySet


class DesignEdition(AppendOnly):
    """A design as it was published, so that it can be restored. The first has what readers saw before."""

    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    content = models.JSONField(default=dict)

    objects = AppendOnlyQuerySet["DesignEdition"].as_manager()

    class Meta:
        app_label = "truthlytics"
        ordering = ["-pk"]
        verbose_name = _("published design")
        verbose_name_plural = _("published designs")

    def __str__(self) -> str:
        return gettext("Design %(number)s") % {"number": self.pk}

    @property
    def design(self) -> Design:
        return Design.parse(self.content)


class DesignDraft(models.Model):
    """The design that a publisher prepares. Others neither see nor overwrite it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    content = models.JSONField(default=dict)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "truthlytics"

    def __str__(self) -> str:
        return gettext("Draft of the design")

    @property
    def design(self) -> Design:
        return Design.parse(self.content)
