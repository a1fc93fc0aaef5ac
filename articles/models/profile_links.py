"""Links to an author's profiles, entered one per line."""

from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

MAX_LINKS = 12
_validate_url = URLValidator(schemes=["http", "https"])


class ProfileLink(NamedTuple):
    """A link to a page of an author on another site."""

    name: str
    url: str


def parse_links(text: str) -> list[ProfileLink]:
    """Parse lines with a name and a URL. Without a name, use the host name."""
    links = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, _space, url = line.rpartition(" ")
        links.append(ProfileLink(name.strip() or _host(url), url))
    return links


def validate_links(text: str) -> None:
    """Raise ValidationError with a message for each line without a valid URL."""
    links = parse_links(text)
    errors = [
        _("“%(url)s” is not a URL such as https://example.org/me.") % {"url": link.url[:80]}
        for link in links
        if not is_valid_link(link)
    ]
    if len(links) > MAX_LINKS:
        errors.append(_("At most %(count)d links are allowed.") % {"count": MAX_LINKS})
    if errors:
        raise ValidationError([ValidationError(sentence) for sentence in errors])


def is_valid_link(link: ProfileLink) -> bool:
    """Return whether it leads to a web page on the host that it seems to lead to."""
    try:
        _validate_url(link.url)
        # A user name before the host can make it look like a different host.
        return "@" not in urlsplit(link.url).netloc
    except (ValidationError, ValueError):
        return False


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url
