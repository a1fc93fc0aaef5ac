"""Find what wraps, cuts or hides text in the HTML of any format and is not known to be harmless.

What opens and closes around a part of a text may have shown that part to some readers only, and so may a mark at which
the text ends for others. The lists are of what only formats; anything else is a sign, with any name.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from truthlytics.web.text import word_set

MAX_SHOWN = 60
# Content that is not text with marks: it is removed, shown as it is, or has elements of its own.
_VERBATIM = re.compile(r"<(pre|code|script|style|svg|math|textarea|xml|samp|kbd)\b", re.IGNORECASE)
# The same in Markdown.
_FENCES = re.compile(
    r"^[ \t>]*(```|~~~).*?^[ \t>]*\1[ \t]*$|(?<!`)(`{1,2})(?!`)[^`]+?\2(?!`)", re.DOTALL | re.MULTILINE
)
_TEXT = re.compile(r"(?:^|[>\]}])[^<>\[\]{}]*\w")
_TAG = re.compile(r"<([a-zA-Z][\w:.-]{0,60})(?=[\s/>])")
# Elements of HTML, today's and former ones. What Word writes has a colon in its name.
_ELEMENTS = word_set(
    "a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body "
    "br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em "
    "embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i "
    "iframe img input ins kbd label legend li link main map mark marquee menu menuitem meta meter nav nobr noembed "
    "noframes noscript object ol optgroup option output p param picture plaintext pre progress q rb rp rt rtc ruby s "
    "samp script search section select small source span strike strong style sub summary sup svg table tbody td "
    "textarea tfoot th thead time title tr track tt u ul var video wbr xml xmp image math amp-img amp-iframe "
    "amp-video amp-audio amp-youtube amp-twitter amp-instagram amp-facebook amp-carousel amp-embed"
)
_NAMESPACES = ("o:", "w:", "v:", "m:", "st1:", "st2:", "x:", "fb:", "g:", "svg:", "xml:")
# Of WordPress, of browsers, of copied text and of advertising.
_HARMLESS_COMMENT = re.compile(
    r"\s*(?:/?wp:|more\b|nextpage\b|noteaser\b|kg-card-(?:begin|end)|\[(?:if|endif)|<!\[endif|(?:start|end)fragment\b"
    r"|/?google(?:on|off)\b|(?:end |begin |start )?(?:google|adsense|addtoany|addthis|tradedoubler|google_ad)\b"
    r"|#?eanf#?|excerpt|/?toc\b|/?html(?:\b|_preserve)|htmlreadability|[-=*_ .]*$)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[/#@!]?[\w:./-]{1,40}[#@!]?")
_EDGE = re.compile(
    r"\b(?:begin|starts?|ends?|stop|open|close|cut|anfang|beginn|ende|fin|début|inicio)\b", re.IGNORECASE
)
# A mark alone on its line, between signs, and one that opens and closes.
_SIGNS = r"__+|%%|##+|\$\$|@@|~~+|!!+|\|\|+|::+|==+|\*\*\*+"
_ALONE = re.compile(
    rf"(?:^|>)[ \t]*({_SIGNS}|<<|&lt;&lt;|\{{\{{?|\{{%|\[\[)"
    r"[ \t]*(?=[^\W\d_])([\w:/ -]{1,40}?)[ \t]*"
    rf"({_SIGNS}|>>|&gt;&gt;|\}}\}}?|%\}}|\]\])[ \t]*(?=$|<)",
    re.MULTILINE,
)
_CLOSING = re.compile(
    r"(?:\{\{?[#%]?|\{%-?|%%|\[\[|<<|&lt;&lt;)[ \t]{0,3}(?:/[ \t]{0,3}|end_?)([^\W\d_][\w:.-]{0,40})"
    r"[ \t]{0,3}(?:\}\}?|-?%\}|%%|\]\]|>>|&gt;&gt;)"
)
_FENCED = re.compile(r"^:::+[ \t]*(?=[^\W\d_])([\w-]{1,40})[ \t]*$", re.MULTILINE)
# Tags of templates that the import understands, and that neither wrap nor cut text for some readers.
_TEMPLATES = word_set(
    "endraw endcomment raw comment highlight capture codeblock code figure image img for if unless case note include"
)
_MAY_HIDE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:^|[\s\"'])(?:hidden|hide|d-none|is-hidden|invisible|uk-hidden)\b"
    r"|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d])|text-indent\s*:\s*-|left\s*:\s*-\d{3}|height\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)
_HIDDEN_STYLE = re.compile(
    r"display:none|visibility:hidden|opacity:0(?![.\d])|(?:^|;)font-size:0(?![.\d])|text-indent:-\d{3}"
    r"|(?:^|;)left:-\d{3}|(?:^|;)(?:max-)?height:0(?![.\d])",
    re.IGNORECASE,
)
_HIDDEN_CLASSES = {"hidden", "hide", "d-none", "is-hidden", "invisible", "uk-hidden"}
VOID = word_set("area base br col embed hr img input link meta param source track wbr")


def wrappers_in(html: str, *, is_markdown: bool = False) -> Iterator[str]:
    """Yield the signs in the HTML of a text: unknown comments, elements and marks around or inside it, hidden text."""
    text = _FENCES.sub(" ", html) if is_markdown else html
    text = _without_verbatim(text)
    last = end_of_text(text)
    if "<!--" in text:
        yield from _comments(text, last)
    for name in dict.fromkeys(match[1].lower() for match in _TAG.finditer(text)):
        # “<https://…>” is an address in Markdown.
        if name not in _ELEMENTS and not name.startswith(_NAMESPACES) and not name.endswith(":"):
            yield f"element <{name}>"
    yield from _marks(text, last)
    yield from (f"hidden text ({how})" for how in dict.fromkeys(how for how, _text in hidden_texts(text)))


def _without_verbatim(text: str) -> str:
    parts, position, unclosed = [], 0, set[str]()
    while match := _VERBATIM.search(text, position):
        name = match[1].lower()
        parts.append(text[position : match.start()])
        closing = None if name in unclosed else re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, match.end())
        if closing is None:
            unclosed.add(name)
        position = match.end() if closing is None else closing.end()
    return " ".join([*parts, text[position:]])


def comments_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where comments begin and end."""
    end = 0
    while (start := text.find("<!--", end)) >= 0 and (closing := text.find("-->", start + 4)) >= 0:
        end = closing + 3
        yield start, end


def end_of_text(text: str) -> int:
    """Return where the last word outside tags, comments and shortcodes is, so that a mark before it cuts the text."""
    parts, position = [], 0
    for start, end in comments_in(text):
        parts += [text[position:start], "<", " " * (end - start - 2), ">"]
        position = end
    plain = "".join([*parts, text[position:]])
    return max((match.end() for match in _TEXT.finditer(plain)), default=0)


def _comments(text: str, last: int) -> Iterator[str]:
    """Yield comments that cut the text. Several words say less than a name, so one sign is for all of them."""
    for start, end in comments_in(text):
        comment = text[start + 4 : end - 3]
        inside = " ".join(comment.split())
        if not inside or _HARMLESS_COMMENT.match(comment) or end > last:
            continue
        if _WORD.fullmatch(inside) or _EDGE.search(inside):
            yield f"comment <!--{inside[:MAX_SHOWN]}-->"
        else:
            yield f"comment of several words = {inside[:MAX_SHOWN]}"


def _marks(text: str, last: int) -> Iterator[str]:
    for match in _ALONE.finditer(text):
        if match.end() <= last and match[2].casefold() not in _TEMPLATES:
            yield f"mark “{match[1]}{match[2]}{match[3]}”"
    for match in _CLOSING.finditer(text):
        if match[1].casefold() not in _TEMPLATES:
            yield f"mark “{' '.join(match[0].split())}”"
    for match in _FENCED.finditer(text):
        yield f"mark “{match[0].strip()}”"


def hidden_texts(html: str) -> Iterator[tuple[str, str]]:
    """Yield how each text is hidden, and the text, of those that a browser does not show."""
    if not _MAY_HIDE.search(html):
        return
    reader = _Hidden()
    reader.feed(html)
    reader.close()
    yield from reader.found


class _Hidden(HTMLParser):
    """Collects the texts in hidden elements. An element that is never closed hides all that follows."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._parts: list[str] = []
        self._how = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        if self._how:
            self._open.append(tag)
        elif how := how_hidden(dict(attrs)):
            self._how, self._open = how, [tag]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass
            if not self._open:
                self._end()

    def handle_data(self, data: str) -> None:
        if self._how:
            self._parts.append(data)

    def close(self) -> None:
        super().close()
        self._end()

    def _end(self) -> None:
        text = " ".join("".join(self._parts).split())
        if self._how and text:
            self.found.append((self._how, text))
        self._how, self._parts, self._open = "", [], []


def how_hidden(attributes: dict[str, str | None]) -> str:
    """Return how an element with these attributes is hidden; "" if it is not."""
    if "hidden" in attributes:
        return "hidden"
    if match := _HIDDEN_STYLE.search(re.sub(r"\s+", "", attributes.get("style") or "")):
        return match[0].strip(";").replace(":", ": ").lower()
    classes = _HIDDEN_CLASSES & set((attributes.get("class") or "").lower().split())
    return f"class {min(classes)}" if classes else ""
