"""Checks before publication.

To add a check, subclass `Check` in one of the modules below; it runs without further registration. Checks are pure:
they read a `Manuscript` and yield findings.
"""

from articles.checks import fields, footnotes, images, leftovers, links, structure, wording
from articles.checks.base import Check, Finding, Location, Severity
from articles.checks.manuscript import ImageDetails, LinkTarget, Manuscript

__all__ = [
    "CHECKS", "Check", "Finding", "ImageDetails", "LinkTarget", "Location", "Manuscript", "Severity", "fields",
    "footnotes", "images", "leftovers", "links", "run_checks", "structure", "wording",
]  # fmt: skip

# All checks, the most severe first.
CHECKS: tuple[Check, ...] = tuple(
    check() for check in sorted(Check.__subclasses__(), key=lambda check: check.severity, reverse=True)
)


def run_checks(manuscript: Manuscript, *, minimum: Severity = Severity.ADVICE) -> list[Finding]:
    """Return the findings of all checks with at least the severity `minimum`, the most severe first."""
    return [
        finding
        for check in CHECKS
        if check.severity >= minimum and (manuscript.is_article or not check.articles_only)
        for finding in check.run(manuscript)
    ]
