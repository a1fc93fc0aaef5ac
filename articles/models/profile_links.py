"""Links as an editor types them: one a line."""

from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

MAX_LINKS = 12
_web_address = URLValidator(schemes=["http", "https"])


class ProfileLink(NamedTuple):
    """A page of an author's elsewhere, and what it is called."""

    name: str
    address: str


def parse_links(text: str) -> list[ProfileLink]:
    """One a line: a name and an address, or the address alone, which then is called by its host."""
    links = []
    for line in filter(None, (each.strip() for each in text.splitlines())):
        name, _, address = line.rpartition(" ")
        links.append(ProfileLink(name.strip() or _host(address), address))
    return links


def validate_links(text: str) -> None:
    """Raises ValidationError with a sentence for each line that is no address of a web page."""
    links = parse_links(text)
    wrong = [
        f"“{link.address[:80]}” is no address such as https://example.org/me."
        for link in links
        if not is_valid_link(link)
    ]
    if len(links) > MAX_LINKS:
        wrong.append(f"At most {MAX_LINKS} links, please.")
    if wrong:
        raise ValidationError([ValidationError(sentence) for sentence in wrong])


def is_valid_link(link: ProfileLink) -> bool:
    """Whether it leads to a web page, and to the host that one reads in it."""
    try:
        _web_address(link.address)
        # Somebody's name before the host makes a link look as if it led elsewhere.
        return "@" not in urlsplit(link.address).netloc
    except (ValidationError, ValueError):
        return False


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or address).removeprefix("www.")
    except ValueError:
        return address
