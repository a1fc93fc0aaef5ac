"""Checks before publication.

To add a check, subclass `Check` in one of the modules below, or in a plug-in; it runs without further registration.
Checks are pure: they read a `Manuscript` and yield findings.
"""

from articles.checks import fields, footnotes, images, leftovers, links, structure, wording
from articles.checks.base import Check, Finding, Location, Severity
from articles.checks.manuscript import ImageDetails, LinkTarget, Manuscript

__all__ = [
    "Check", "Finding", "ImageDetails", "LinkTarget", "Location", "Manuscript", "Severity", "all_checks", "fields",
    "footnotes", "images", "leftovers", "links", "run_checks", "structure", "wording",
]  # fmt: skip


def all_checks() -> list[Check]:
    """Return all checks, the most severe first, with those of plug-ins."""
    return [check() for check in sorted(Check.__subclasses__(), key=lambda check: check.severity, reverse=True)]


def run_checks(manuscript: Manuscript, *, minimum: Severity = Severity.ADVICE) -> list[Finding]:
    """Return the findings of all checks with at least the severity `minimum`, the most severe first."""
    return [
        finding
        for check in all_checks()
        if check.severity >= minimum and (manuscript.is_article or not check.articles_only)
        for finding in check.run(manuscript)
    ]
