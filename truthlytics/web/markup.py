"""lxml, loaded when a text is first taken apart: pages are made of what was derived when it was published."""

from typing import TYPE_CHECKING, Any

from truthlytics.web.lazy_import import Later

if TYPE_CHECKING:
    from lxml import etree
    from lxml import html as lxml_html
    from lxml.html import HtmlElement
else:
    etree, lxml_html = Later("lxml.etree"), Later("lxml.html")
    HtmlElement = Any

__all__ = ["HtmlElement", "etree", "lxml_html"]
