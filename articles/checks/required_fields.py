"""What an article has to have at all."""

from collections.abc import Iterator

from articles.checks.base import Check, Finding, Place, Weight
from articles.checks.manuscript import MARK, Manuscript

LONGEST_HEADLINE = 70


class HeadlineThere(Check):
    """A page without a headline has no name in any list."""

    weight = Weight.ESSENTIAL
    of_articles = True

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        if not manuscript.text["headline"].strip():
            yield self.found("Give it a headline.", Place("headline"))


class HeadlineLength(Check):
    """Search engines and the lists of phones cut what is longer."""

    weight = Weight.ADVICE
    of_articles = True

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        length = len(" ".join(manuscript.text["headline"].split()))
        if length > LONGEST_HEADLINE:
            yield self.found(
                f"The headline has {length} characters; lists cut it at {LONGEST_HEADLINE}.", Place("headline")
            )


class StandfirstThere(Check):
    """Lists, feeds and previews elsewhere say nothing under the headline."""

    weight = Weight.ADVICE
    of_articles = True

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        if not manuscript.text["standfirst"].strip():
            yield self.found("It has no standfirst: lists show nothing under its headline.", Place("standfirst"))


class SectionChosen(Check):
    """Without a section it stands in no list but the latest, and its page has no way back."""

    weight = Weight.ESSENTIAL
    of_articles = True

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        if not manuscript.text["section"]:
            yield self.found("Choose a section.", Place("section"))


class AuthorNamed(Check):
    """Readers are told who writes."""

    weight = Weight.ESSENTIAL
    of_articles = True

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        if not manuscript.text["bylines"]:
            yield self.found("Name at least one author.", Place("bylines"))


class TextThere(Check):
    """An article is its text: a picture or a mark alone is none."""

    weight = Weight.ESSENTIAL
    of_articles = True

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        if not any(block.text_content().replace(MARK, "").strip() for block in manuscript.blocks):
            yield self.found("Write a text.", Place("body"))
