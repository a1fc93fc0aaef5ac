"""Extract the visible text of Markdown, independently of the importer."""

import html
import re
from collections import Counter

TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
COMMENT = re.compile(r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}|<!--.*?-->", re.DOTALL)
RAW = re.compile(r"\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}", re.DOTALL)
FENCE = re.compile(r"^[ \t>]*(```|~~~)[^\n]*\n(.*?)^[ \t>]*\1[ \t]*$", re.DOTALL | re.MULTILINE)
INLINE_CODE = re.compile(r"(?<!`)(`{1,2})(?!`)((?:[^`\n]|\n(?!\s*\n))+?)(?<!`)\1(?!`)")
REMOVED_ELEMENT = re.compile(r"<(script|style|svg|iframe|video|audio)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
AUTOLINK = re.compile(r"<(https?://[^>\s]+|[^>\s@]+@[^>\s]+)>")
IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
LINK_TARGET = re.compile(r"""\]\(\s*(?:<[^>]*>|(?:[^()\s]|\([^()\s]*\))*)(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)""")
DEFINITION = re.compile(r"^ {0,3}\[[^\]^][^\]]*\]:\s*\S+.*$", re.MULTILINE)
BLOCK_TAG = re.compile(
    r"</?(?:p|div|li|td|th|tr|br|hr|h\d|blockquote|fig\w+|[uod]l|d[td]|table|caption|aside|section)\b[^>]*>", re.I
)


def count_words(text: str) -> Counter[str]:
    words = (word.strip("_") for word in re.findall(r"\w+", text.casefold()))
    return Counter(word for word in words if word)


def visible_text(markdown: str) -> str:
    """Remove template tags, URLs, Markdown syntax and HTML tags."""
    code: list[str] = []

    def protect(match: re.Match[str]) -> str:
        code.append(match[2])
        return f"CODESPAN{len(code) - 1}Q"

    text = COMMENT.sub(" ", markdown)
    text = RAW.sub(lambda match: re.sub(r"\{\{|\{%|%\}|\}\}", " ", match[1]), text)
    text = INLINE_CODE.sub(protect, FENCE.sub(protect, TAG.sub("", text)))
    for pattern, new in (
        (REMOVED_ELEMENT, " "),
        (AUTOLINK, r" \1 "),
        (IMAGE, ""),
        (LINK_TARGET, "\x02"),
        (DEFINITION, ""),
        (re.compile(r"\[\^[^\]]+\]:?"), ""),
        (re.compile(r"\]\[[^\]]*\]"), "\x02"),
        (BLOCK_TAG, " "),
        (re.compile(r"</?[a-zA-Z][^<>]*>"), ""),
        (re.compile(r"\[([^\[\]]*)\x02|\x02"), r"\1"),
        (re.compile(r"^([ \t>]*)\d+[.)][ \t]", re.MULTILINE), r"\1"),
        (re.compile(r"\\([!-/:-@\[-`{-~])"), "\x03\\1"),
        (re.compile(r"(?<!\x03)\*\*"), ""),
        (re.compile(r"(?<!\x03)\*((?:[^*\n]|\x03\*)+)\*"), r"\1"),
    ):
        text = pattern.sub(new, text)
    text = html.unescape(text.replace("\x03", ""))
    while "CODESPAN" in text:
        text = re.sub(r"CODESPAN(\d+)Q", lambda match: code[int(match[1])], text)
    return text
