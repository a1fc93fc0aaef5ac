"""Turn the HTML of a rendered article into that of an email: absolute links, JPEG images, plain tables."""

import re
from copy import deepcopy
from urllib.parse import urljoin

from articles.richtext.struck import mark_struck
from articles.richtext.vocabulary import parse, serialise
from truthlytics.newsletters.campaigns import with_campaign
from truthlytics.web.markup import HtmlElement, lxml_html
from truthlytics.web.text import word_set

# The width of the column in CSS pixels, and of the image files, which suffice for displays of double density.
COLUMN, FILE_WIDTH = 536, 1200
# The same of the pictures beside the articles of a digest.
THUMBNAIL, THUMBNAIL_FILE_WIDTH = 160, 480
# Attributes of the elements that stay as they are.
KEPT = {"href", "src", "alt", "width", "height", "class", "dir", "lang", "colspan", "rowspan", "start", "scope", "role"}
_SOURCE = re.compile(r"(\S+) (\d+)w")
_CLASSES = word_set(
    "btn callout caption cite embed figure figure__ai figure__credit figures pullquote table__scroll words"
)
# Elements that begin a line of their own in the text version.
_BLOCKS = {"aside", "blockquote", "div", "figure", "footer", "h2", "h3", "h4", "hr", "ol", "p", "pre", "table", "ul"}


def for_email(html: str, *, url: str, campaign: str = "") -> str:
    """Return `html` of a version for an email. `url` is the article's, which links to places in it lead to.

    Links to pages of this site get the parameter for `campaign`.
    """
    if not html:
        return ""
    root = parse(html)
    _notes(root)
    for picture in list(root.iter("picture")):
        _picture(picture)
    for embed in root.xpath(".//div[contains(concat(' ', @class, ' '), ' embed ')]"):
        _embed(embed)
    for button in root.xpath(".//p[a[@class='button']]"):
        _in_table(button, "btn")
    for figure in root.iter("figure"):
        _figure(figure)
    for wrapper in root.xpath(".//div[@class='table'] | .//div[starts-with(@class, 'gallery')]"):
        wrapper.drop_tag()
    for scroll in root.xpath(".//div[@class='table__scroll']"):
        del scroll.attrib["role"]  # its label is in an attribute that emails do not keep
    for element in root.iter():
        if isinstance(element.tag, str) and element is not root:
            _attributes(element, url, campaign)
    return serialise(root)


def _notes(root: HtmlElement) -> None:
    """Keep the numbers of footnotes; their texts are at the end."""
    for small in root.xpath(".//small[@class='sidenote']"):
        small.drop_tree()
    for hidden in root.xpath(".//a[@role='doc-backlink']"):
        hidden.drop_tree()
    for link in root.xpath(".//sup[@class='cite']/a"):
        link.drop_tag()


def _picture(picture: HtmlElement) -> None:
    """Replace a `<picture>` by its JPEG."""
    # The parser nests what follows a `<source>` in it.
    image = picture.find(".//img")
    files = [(address, int(width)) for address, width in _SOURCE.findall(image.get("srcset", ""))]
    fitting = [file for file in files if file[1] <= FILE_WIDTH] or files[:1]
    source = max(fitting, key=lambda file: file[1])[0] if fitting else image.get("src", "")
    replacement = lxml_html.Element("img", {"src": source, "alt": image.get("alt", "")})
    width, height = int(image.get("width") or 0), int(image.get("height") or 0)
    if width and height:
        shown = min(COLUMN, width)
        replacement.set("width", str(shown))
        replacement.set("height", str(round(height * shown / width)))
    replacement.tail = picture.tail
    picture.getparent().replace(picture, replacement)


def _embed(embed: HtmlElement) -> None:
    """Keep the site, the title and the image of an embed, as a link."""
    for small in embed.xpath(".//small[@class='embed__where']"):
        small.drop_tree()
    for span in embed.xpath(".//span"):
        span.drop_tag()
    for link in embed.findall("a"):
        link.tail = " "  # before the credit
    for image in embed.iter("img"):
        image.attrib.pop("height", None)
        image.set("width", str(min(int(image.get("width") or THUMBNAIL), THUMBNAIL)))
    _in_table(embed, "embed")


def _in_table(block: HtmlElement, name: str) -> None:
    """Turn `block` into a table with one cell: Outlook gives no other element a background, padding and border."""
    row, cell = lxml_html.Element("tr"), lxml_html.Element("td")
    cell.text, cell[:] = block.text, list(block)
    row.append(cell)
    block.tag, block.text, block[:] = "table", None, [row]
    block.attrib.clear()
    block.attrib.update({"role": "presentation", "class": name})


def _figure(figure: HtmlElement) -> None:
    """Use elements that Outlook knows."""
    figure.tag = "div"
    figure.set("class", "figure")
    for caption in figure.findall("figcaption"):
        caption.tag = "p"
        caption.set("class", "caption")


def _attributes(element: HtmlElement, url: str, campaign: str) -> None:
    for name in list(element.attrib):
        if name not in KEPT:
            del element.attrib[name]
    classes = [name for name in element.get("class", "").split() if name in _CLASSES]
    if classes:
        element.set("class", " ".join(classes))
    else:
        element.attrib.pop("class", None)
    if (address := element.get("href")) is not None:
        element.set("href", with_campaign(urljoin(url, address), campaign))
    if (address := element.get("src")) is not None:
        element.set("src", urljoin(url, address))


def plain(html: str) -> str:
    """Return the HTML of an email as text of equal content: headings, lists, quotes, and links with their addresses."""
    root = parse(html)
    return "\n\n".join(part for block in root if (part := _plain_block(block)))


def _plain_block(block: HtmlElement, indent: str = "") -> str:
    if block.tag in {"ul", "ol"}:
        first = int(block.get("start") or 1)
        marks = ("- " if block.tag == "ul" else f"{number}. " for number in range(first, first + len(block)))
        return "\n".join(
            indent + mark + _lines(item, indent + " " * len(mark)).lstrip()
            for mark, item in zip(marks, block, strict=True)
        )
    if block.tag in {"blockquote", "aside"}:
        return "\n".join(f"> {line}" for line in _lines(block, "").splitlines())
    if block.tag == "table":
        rows = (" | ".join(_inline(cell) for cell in row.iter("th", "td")) for row in block.iter("tr"))
        return "\n".join(rows)
    if block.tag == "hr":
        return "* * *"
    if block.get("class") == "figure":
        image, caption = block.find(".//img"), block.find("p")
        texts = [f"[{image.get('alt')}]" if image is not None and image.get("alt") else ""]
        texts.append(_inline(caption) if caption is not None else "")
        return "\n".join(text for text in texts if text)
    if block.tag == "pre":
        return str(block.text_content()).rstrip()
    text = _lines(block, indent)
    return text.upper() if block.tag == "h2" else text


def _lines(element: HtmlElement, indent: str) -> str:
    """Return the text of an element, with each block in it on lines of its own."""
    lines, run = [], _run(element.text)
    for child in element:
        if child.tag in _BLOCKS:
            lines += [_indented(run, indent), _plain_block(child, indent)]
            run = _run(child.tail)
        else:
            run.append(deepcopy(child))
    lines.append(_indented(run, indent))
    return "\n".join(line for line in lines if line)


def _run(text: str | None) -> HtmlElement:
    """Return an element for words that are next to each other; `text` is the first of them."""
    run = lxml_html.Element("span")
    run.text = text
    return run


def _indented(run: HtmlElement, indent: str) -> str:
    words = _inline(run)
    return indent + words if words else ""


def _inline(element: HtmlElement) -> str:
    copy = lxml_html.fromstring(lxml_html.tostring(element, encoding="unicode", with_tail=False))
    mark_struck(copy)
    for line_break in copy.iter("br"):
        line_break.tail = " " + (line_break.tail or "")
    for note in copy.iter("sup"):
        if note.get("class") == "cite":
            note.text = f"[{note.text_content()}]"
    for link in copy.iter("a"):
        address, shown = link.get("href", ""), " ".join(link.text_content().split())
        if address and address not in {shown, f"https://{shown}"}:
            link.tail = f" ({address})" + (link.tail or "")
    return " ".join(copy.text_content().split())
