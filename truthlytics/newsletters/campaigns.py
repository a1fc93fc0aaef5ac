"""The parameter of an issue's links, by which new subscriptions that begin there are counted.

It names the issue and nothing else, so it is the same for all readers.
"""

from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from subscriptions.visitor_cart import CAMPAIGN, valid_campaign
from truthlytics.newsletters.models import Issue


def campaign_of(issue: Issue) -> str:
    """Return the campaign of a prepared issue, such as "weekly-2026-11-29"; "" before, as in previews and tests."""
    return valid_campaign(f"{issue.newsletter.slug}-{issue.slug}") if issue.slug else ""


def with_campaign(url: str, campaign: str) -> str:
    """Return `url` with the parameter if it is that of a page of this site, otherwise as it is."""
    parts = urlsplit(url)
    is_page = parts.netloc == urlsplit(settings.SITE_URL).netloc and not parts.path.startswith(settings.MEDIA_URL)
    if not campaign or not is_page or CAMPAIGN in parse_qs(parts.query):
        return url
    query = f"{parts.query}&" if parts.query else ""
    return parts._replace(path=parts.path or "/", query=f"{query}{CAMPAIGN}={campaign}").geturl()
