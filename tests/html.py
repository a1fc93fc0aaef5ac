"""Reading pages in tests by their elements, so that white space and the order of attributes do not matter."""

from typing import Any

from lxml.html import HtmlElement, document_fromstring


def page_of(response: Any) -> HtmlElement:
    return document_fromstring(response.content.decode())


def text_of(element: HtmlElement) -> str:
    """Return the text of `element` with each run of white space as one space."""
    return " ".join(element.text_content().split())


def texts(element: HtmlElement, class_name: str) -> list[str]:
    """Return the text of each element inside `element` that has the class."""
    return [text_of(found) for found in element.find_class(class_name)]
