"""Checks before publication.

To add a check, subclass `Check` in one of the modules below, or in a plug-in; it runs without further registration.
Checks are pure: they read a `Manuscript` and yield findings.
"""

import logging
from collections.abc import Iterator

from django.utils.translation import gettext

from articles.checks import fields, footnotes, images, leftovers, links, structure, wording
from articles.checks.base import Check, Finding, Location, Severity
from articles.checks.manuscript import ImageDetails, LinkTarget, Manuscript

__all__ = [
    "Check", "Finding", "ImageDetails", "LinkTarget", "Location", "Manuscript", "Severity", "all_checks", "fields",
    "footnotes", "images", "leftovers", "links", "run_checks", "structure", "wording",
]  # fmt: skip


logger = logging.getLogger(__name__)


def all_checks() -> list[type[Check]]:
    """Return all checks, the most severe first, with those of plug-ins."""
    return sorted(Check.__subclasses__(), key=_severity, reverse=True)


def run_checks(manuscript: Manuscript, *, minimum: Severity = Severity.ADVICE) -> list[Finding]:
    """Return the findings of all checks with at least the severity `minimum`, the most severe first.

    A check of a plug-in that fails is reported as advice, because no change of the text helps.
    """
    findings = [
        finding
        for check in all_checks()
        if _severity(check) >= minimum and (manuscript.is_article or not check.articles_only)
        for finding in _found_by(check, manuscript)
        if finding.severity >= minimum
    ]
    return sorted(findings, key=lambda finding: finding.severity, reverse=True)


def _severity(check: type[Check]) -> Severity:
    """Return the severity of a check; one of a plug-in may have forgotten it."""
    found = getattr(check, "severity", None)
    return found if isinstance(found, Severity) else Severity.ADVICE


def _found_by(check: type[Check], manuscript: Manuscript) -> Iterator[Finding]:
    """Yield what a check finds. One of our own that fails raises: a text that was not checked is not published."""
    if check.__module__.startswith(f"{__name__}."):
        yield from check().run(manuscript)
        return
    try:
        for finding in check().run(manuscript):
            yield _sound(finding)
    except Exception:
        logger.exception("The check %s of the plug-in %s failed.", check.__name__, check.__module__)
        values = {"check": check.__name__, "plugin": check.__module__.partition(".")[0]}
        text = gettext("The check “%(check)s” of the plug-in “%(plugin)s” failed. Tell who runs the site.") % values
        yield Finding("failed-check", Severity.ADVICE, text, Location("body"))


def _sound(finding: Finding) -> Finding:
    """Return the finding if the newsroom can show it. Raises TypeError."""
    shown = isinstance(finding, Finding) and isinstance(finding.severity, Severity)
    if not shown or not isinstance(finding.location, Location) or not isinstance(finding.location.field, str):
        raise TypeError(f"{finding!r} is no finding. Use self.finding().")
    if not isinstance(finding.image, int | None):
        raise TypeError(f"{finding.image!r} is no primary key of an image.")
    return finding
