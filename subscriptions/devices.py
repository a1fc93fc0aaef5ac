"""Readable device names from User-Agent headers."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# The first match wins: most browsers name others as well.
BROWSERS: dict[str, str | Promise] = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "FxiOS/": "Firefox",
    "Firefox/": "Firefox",
    "CriOS/": "Chrome",
    "Chrom": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS: dict[str, str | Promise] = {
    "iPhone": _("an iPhone"),
    "iPad": _("an iPad"),
    "Android": "Android",
    "Windows": "Windows",
    "Macintosh": _("a Mac"),
    "CrOS": _("a Chromebook"),
    "Linux": "Linux",
}


def device_name(agent: str) -> str:
    """Return a name such as “Firefox on Windows”; the header itself if browser and system are unknown."""
    browser, system = (_first_name(agent, names) for names in (BROWSERS, SYSTEMS))
    if browser and system:
        return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or agent[:80] or gettext("Unknown browser")


def _first_name(agent: str, names: Mapping[str, str | Promise]) -> str:
    return next((str(name) for token, name in names.items() if token in agent), "")
