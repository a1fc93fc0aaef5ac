"""Checks before publication.

To add a check, subclass `Check` in one of the modules below, or in a plug-in; it runs without further registration.
Checks are pure: they read a `Manuscript` and yield findings.
"""

import logging
from collections.abc import Iterator

from django.utils.translation import gettext

from articles.checks import fields, images, links, structure, wording
from articles.checks.base import Check, Finding, Location, Severity, truncate
from articles.checks.manuscript import ImageDetails, LinkTarget, Manuscript

__all__ = [
    "Check", "Finding", "ImageDetails", "LinkTarget", "Location", "Manuscript", "Severity", "all_checks", "fields",
    "footnotes", "images", "leftovers", "links", "run_checks", "structure", "wording",
]  # fmt: skip


logger = logging.getLogger(__name__)
# Of a check of a plug-in, and of each of its messages in characters.
MOST_FINDINGS = 1000
MAX_MESSAGE = 500


def all_checks() -> list[type[Check]]:
    """Return all checks, the most severe first, with those of plug-ins."""
    return sorted(Check.__subclasses__(), key=_severity, reverse=True)


def run_checks(manuscript: Manuscript, *, minimum: Severity = Severity.ADVICE) -> list[Finding]:
    """Return the findings of all checks with at least the severity `minimum`, the most severe first.

    A check of a plug-in that fails is a finding of its severity that has `failed`.
    """
    findings = [
        finding
        for check in all_checks()
        if _severity(check) >= minimum
        for finding in _found_by(check, manuscript)
        if finding.severity >= minimum
    ]
    return sorted(findings, key=lambda finding: finding.severity, reverse=True)


def _severity(check: type[Check]) -> Severity:
    """Return the severity of a check. One of a plug-in that has none may be meant to block."""
    found = getattr(check, "severity", None)
    return found if isinstance(found, Severity) else Severity.BLOCKING


def _found_by(check: type[Check], manuscript: Manuscript) -> Iterator[Finding]:
    """Yield what a check finds. One of our own that fails raises: a text that was not checked is not published."""
    if check.__module__.startswith(f"{__name__}."):
        if manuscript.is_article or not check.articles_only:
            yield from check().run(manuscript)
        return
    try:
        if manuscript.is_article or not check.articles_only:
            for number, finding in enumerate(check().run(manuscript)):
                if number == MOST_FINDINGS:
                    raise ValueError(f"It found more than {MOST_FINDINGS} things.")
                yield _sound(finding)
    except Exception:
        logger.exception("The check %s of the plug-in %s failed.", check.__name__, check.__module__)
        plugin = check.__module__.partition(".")[0]
        text = gettext("The check “%(check)s” of the plug-in “%(plugin)s” failed. Tell who runs the site.")
        message = text % {"check": check.__name__, "plugin": plugin}
        yield Finding(f"{plugin}.{check.__name__}", _severity(check), message, Location("body"), failed=True)


def _sound(finding: Finding) -> Finding:
    """Return the finding if the newsroom can show it, with a message of a readable length. Raises TypeError."""
    shown = isinstance(finding, Finding) and isinstance(finding.severity, Severity)
    if not shown or not isinstance(finding.location, Location):
        raise TypeError(f"{finding!r} is no finding. Use self.finding().")
    place = finding.location
    texts = (finding.check, str(finding.message), place.field, place.quote)
    numbers = (finding.image, place.block, place.note)
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(each, int | None) for each in numbers):
        raise TypeError(f"{finding!r} has a text or number that is none.")
    "".join(texts).encode()  # Half a character can't be shown.
    message = truncate(texts[1], MAX_MESSAGE)
    return Finding(finding.check, finding.severity, message, place, finding.image)
