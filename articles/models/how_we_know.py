"""What AI was used for in a text, and the background of an article: why and how it was written.

Readers see it in a box at the end of the text.
"""

from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.responsibility import AIUse, stated_uses
from truthlytics.web.types import JsonObject

# A sentence about each use of AI: column, and the AIUse that it is about.
AI_SENTENCES = {f"ai_{use}": use for use in AIUse if use != AIUse.NONE}
HOW_WE_KNOW = ("why_written", "how_known", "not_known", "interests", "ai_use", *AI_SENTENCES)
SENTENCE_LENGTH = 300


def is_published(name: str, uses: Collection[str]) -> bool:
    """Return whether a version has the answer `name`. A sentence about a use of AI is not published without that use.

    Pictures can be marked in the library, too.
    """
    use = AI_SENTENCES.get(name)
    return use in (None, AIUse.PICTURES) or use in uses


class UseOfAI(models.Model):
    """What AI was used for in an article, page, dossier or issue."""

    ai_language = models.TextField(
        _("AI for spelling and language"), blank=True, db_default="", default="", max_length=SENTENCE_LENGTH
    )
    ai_research = models.TextField(
        _("AI for research or transcription"), blank=True, db_default="", default="", max_length=SENTENCE_LENGTH
    )
    ai_translation = models.TextField(
        _("AI for the translation"), blank=True, db_default="", default="", max_length=SENTENCE_LENGTH
    )
    ai_draft = models.TextField(
        _("AI for the first draft"), blank=True, db_default="", default="", max_length=SENTENCE_LENGTH
    )
    ai_parts = models.TextField(
        _("AI for parts of the text"), blank=True, db_default="", default="", max_length=SENTENCE_LENGTH
    )
    ai_pictures = models.TextField(
        _("AI for pictures"), blank=True, db_default="", default="", max_length=SENTENCE_LENGTH
    )
    ai_sound = models.TextField(_("AI for sound"), blank=True, db_default="", default="", max_length=SENTENCE_LENGTH)
    # Values of AIUse, in its order; empty until it is stated.
    ai_uses = models.JSONField(
        _("AI used for"), default=list, db_default=models.Value([], models.JSONField()), blank=True
    )

    class Meta:
        abstract = True

    def ai_content(self) -> JsonObject:
        """Return what a content keeps of it: the uses, and the sentences about them. Without any, it is empty."""
        uses = stated_uses(self.ai_uses)
        sentences = {name: " ".join(getattr(self, name).split()) for name in AI_SENTENCES if is_published(name, uses)}
        content = {"ai_uses": uses, "how_we_know": {name: text for name, text in sentences.items() if text}}
        return {name: value for name, value in content.items() if value}


class HowWeKnow(models.Model):
    why_written = models.TextField(_("why we wrote this"), blank=True, max_length=600)
    how_known = models.TextField(_("how we know"), blank=True, max_length=600)
    not_known = models.TextField(_("what we don’t know"), blank=True, max_length=600)
    interests = models.TextField(_("interests and funding"), blank=True, max_length=600)
    ai_use = models.TextField(_("use of AI"), blank=True, max_length=600)

    class Meta:
        abstract = True
