"""lxml, imported on first use: most pages are rendered from stored HTML and never parse any."""

from typing import TYPE_CHECKING, Any

from truthlytics.web.lazy_import import LazyModule

if TYPE_CHECKING:
    from lxml import etree
    from lxml import html as lxml_html
    from lxml.html import HtmlElement
else:
    etree, lxml_html = LazyModule("lxml.etree"), LazyModule("lxml.html")
    HtmlElement = Any

__all__ = ["HtmlElement", "etree", "lxml_html"]
