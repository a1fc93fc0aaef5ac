"""What an imported text has instead of an image of the source.

Images themselves are not imported yet: `stand_in` is the one place that decides what a text shows instead.
"""

from lxml.html import HtmlElement

from truthlytics.importers.records import MediaRecord, ReportLoss
from truthlytics.importers.tag_marks import image_placeholder


def report_lead(lead: MediaRecord, report_loss: ReportLoss) -> None:
    """Report the lead image of an article, which has no replacement."""
    report_loss("image", f"lead image: {lead.alt or lead.url or lead.path}")


def stand_in(image: HtmlElement, report_loss: ReportLoss) -> HtmlElement:
    """Return the element to put in the place of `image`, an `<img>` of the source.

    `src` is its address, and `data-media` the id of its `MediaRecord` where the source says it.
    """
    report_loss("image", image.get("alt") or image.get("src") or "")
    return image_placeholder(image.get("alt") or "")
