"""What readers write to the newsroom."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Characters of a message: several pages.
MAX_LENGTH = 20_000


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> Self:
        """Return the messages that are not marked as handled."""
        return self.filter(handled_at=None)


class Message(models.Model):
    """A message or tip. Nothing about its sender is stored that they did not write themselves."""

    class Subject(models.TextChoices):
        QUESTION = "question", _("A question or comment for the editors")
        MISTAKE = "mistake", _("A mistake in an article")
        TIP = "tip", _("A tip, in confidence")
        SUBSCRIPTION = "subscription", _("My subscription")

    subject = models.CharField(_("subject"), max_length=12, choices=Subject)
    text = models.TextField(_("message"), max_length=MAX_LENGTH)
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("email address"), blank=True)
    created_at = models.DateTimeField(_("received"), default=timezone.now, editable=False)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True, editable=False)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        app_label = "truthlytics"
        ordering = ["-created_at", "-pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [models.Index(fields=["handled_at", "-created_at"], name="message_waiting")]

    def __str__(self) -> str:
        # Without the text: names of rows are copied to the audit log.
        return f"{self.get_subject_display()}, {self.created_at:%Y-%m-%d}"
