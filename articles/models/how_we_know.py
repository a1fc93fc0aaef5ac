"""Background of an article (why and how it was written), shown to all readers in a box at its end."""

from django.db import models
from django.utils.translation import gettext_lazy as _

HOW_WE_KNOW = ("why_written", "how_known", "not_known", "interests", "ai_use")


class HowWeKnow(models.Model):
    why_written = models.TextField(_("why we wrote this"), blank=True, max_length=600)
    how_known = models.TextField(_("how we know"), blank=True, max_length=600)
    not_known = models.TextField(_("what we don’t know"), blank=True, max_length=600)
    interests = models.TextField(_("interests and funding"), blank=True, max_length=600)
    ai_use = models.TextField(_("use of AI"), blank=True, max_length=600)
    # Values of AIUse, in its order; empty until it is stated.
    ai_uses = models.JSONField(
        _("AI used for"), default=list, db_default=models.Value([], models.JSONField()), blank=True
    )

    class Meta:
        abstract = True
