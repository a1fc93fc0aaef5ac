"""What is looked at before publication: one class a check, all of them in one list. Each is pure; see `manuscript`."""

from articles.checks.base import Check, Finding, Place, Weight
from articles.checks.footnotes import DeadCitation, TypedCitation
from articles.checks.images import AltText, Credit, PictureThere, PictureWeight
from articles.checks.links import DeadLink, LinkToDraft, OldLink
from articles.checks.manuscript import Leads, Manuscript, Shown
from articles.checks.required_fields import (
    AuthorNamed,
    HeadlineLength,
    HeadlineThere,
    SectionChosen,
    StandfirstThere,
    TextThere,
)
from articles.checks.structure import GateInPlace, HeadingLevels, NothingEmpty
from articles.checks.wording import LongSentences, Placeholder

__all__ = ["CHECKS", "Check", "Finding", "Leads", "Manuscript", "Place", "Shown", "Weight", "look_at"]

# In the order in which an editor reads them.
CHECKS: tuple[Check, ...] = (
    HeadlineThere(), TextThere(), SectionChosen(), AuthorNamed(), Placeholder(), DeadCitation(), PictureThere(),
    AltText(), Credit(), HeadlineLength(), StandfirstThere(), HeadingLevels(), NothingEmpty(), GateInPlace(),
    LinkToDraft(), DeadLink(), OldLink(), TypedCitation(), PictureWeight(), LongSentences(),
)  # fmt: skip


def look_at(manuscript: Manuscript, *, least: Weight = Weight.ADVICE) -> list[Finding]:
    """All findings of checks that weigh at least `least`: what blocks first, then advice."""
    checks = [one for one in CHECKS if one.weight >= least and (manuscript.of_article or not one.of_articles)]
    found = [finding for check in checks for finding in check.look(manuscript)]
    return sorted(found, key=lambda finding: not finding.blocking)
