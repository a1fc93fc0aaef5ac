"""Checks of an article's fields: headline, standfirst, section, authors and text."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.checks.base import Check, Finding, Location, Severity, truncate
from articles.checks.manuscript import FOOTNOTE_MARK, Manuscript

MAX_HEADLINE_LENGTH = 70


class MissingHeadline(Check):
    """Without a headline, readers cannot find the article in any list."""

    severity = Severity.ESSENTIAL
    articles_only = True

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        if not manuscript.text["headline"].strip():
            yield self.finding(_("Add a headline."), Location("headline"))


class MissingText(Check):
    """An article needs text. An image or a footnote is not enough, but elsewhere some were published with no more."""

    severity = Severity.BLOCKING
    articles_only = True

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        if not any(block.text_content().replace(FOOTNOTE_MARK, "").strip() for block in manuscript.blocks):
            yield self.finding(_("Add some text."), Location("body"))


class MissingSection(Check):
    """Without a section, the article appears only in the list of all articles, and has no breadcrumbs."""

    severity = Severity.ESSENTIAL
    articles_only = True

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        if not manuscript.text["section"]:
            yield self.finding(_("Choose a section."), Location("section"))


class MissingAuthor(Check):
    """Readers should know who wrote the article."""

    severity = Severity.ESSENTIAL
    articles_only = True

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        if not manuscript.text["bylines"]:
            yield self.finding(_("Add at least one author."), Location("bylines"))


class LongHeadline(Check):
    """Search engines and lists on phones truncate long headlines."""

    severity = Severity.ADVICE
    articles_only = True

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        length = len(" ".join(manuscript.text["headline"].split()))
        if length > MAX_HEADLINE_LENGTH:
            yield self.finding(
                _("The headline has %(length)s characters. Search engines and phones truncate it after %(limit)s.")
                % {"length": length, "limit": MAX_HEADLINE_LENGTH},
                Location("headline"),
            )


class MissingStandfirst(Check):
    """Lists, feeds and link previews show the standfirst below the headline."""

    severity = Severity.ADVICE
    articles_only = True

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        if not manuscript.text["standfirst"].strip():
            yield self.finding(_("There is no standfirst to show below the headline in lists."), Location("standfirst"))


class OpenRemarks(Check):
    """A colleague's question or correction may have been overlooked."""

    severity = Severity.ADVICE
    articles_only = True

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        if count := manuscript.open_remarks:
            message = ngettext("%(count)d remark is still open.", "%(count)d remarks are still open.", count)
            yield self.finding(message % {"count": count}, Location("remarks"))


class TemplateText(Check):
    """Readers must not find instructions to the publisher, such as to ask a lawyer about the terms."""

    severity = Severity.BLOCKING

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for placeholder in manuscript.placeholders:
            line = next((line for line in manuscript.lines if placeholder in line.text), None)
            if line is not None:
                message = _("“%(text)s” is an instruction to you. Replace it before readers see it.")
                location = Location("body", line.block, quote=placeholder)
                yield self.finding(message % {"text": truncate(placeholder, 60)}, location)


class Contradiction(Check):
    """The terms must not promise something else than Settings → Contracts does."""

    severity = Severity.BLOCKING

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for sentence in manuscript.contradictions:
            line = next((line for line in manuscript.lines if sentence in line.text), None)
            message = _(
                "“%(text)s” is not what Settings → Contracts says now. Choose “Fill in from Settings” on the form of "
                "this page, or change the sentence."
            )
            location = Location("body", line.block if line else None, quote=sentence)
            yield self.finding(message % {"text": truncate(sentence, 60)}, location)
