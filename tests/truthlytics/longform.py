"""The words that a reader of the source saw, taken out of its Markdown without the importer's own means."""

import html
import re
from collections import Counter

TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
COMMENT = re.compile(r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}|<!--.*?-->", re.DOTALL)
RAW = re.compile(r"\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}", re.DOTALL)
FENCE = re.compile(r"^[ \t>]*(```|~~~)[^\n]*\n(.*?)^[ \t>]*\1[ \t]*$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"(?<!`)(`{1,2})(?!`)((?:[^`\n]|\n(?!\s*\n))+?)(?<!`)\1(?!`)")
WHOLE = re.compile(r"<(script|style|svg|iframe|video|audio)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
AUTOLINK = re.compile(r"<(https?://[^>\s]+|[^>\s@]+@[^>\s]+)>")
PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
ADDRESS = re.compile(r"""\]\(\s*(?:<[^>]*>|(?:[^()\s]|\([^()\s]*\))*)(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)""")
DEFINITION = re.compile(r"^ {0,3}\[[^\]^][^\]]*\]:\s*\S+.*$", re.MULTILINE)
BLOCK_TAG = re.compile(
    r"</?(?:p|div|li|td|th|tr|br|hr|h\d|blockquote|fig\w+|[uod]l|d[td]|table|caption|aside|section)\b[^>]*>", re.I
)


def words_of(text: str) -> Counter[str]:
    found = (word.strip("_") for word in re.findall(r"\w+", text.casefold()))
    return Counter(word for word in found if word)


def visible(markdown: str) -> str:
    """Tags of templates, addresses, marks and HTML taken away; what is left are words."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[2])
        return f"KEPT{len(kept) - 1}Q"

    text = COMMENT.sub(" ", markdown)
    text = RAW.sub(lambda match: re.sub(r"\{\{|\{%|%\}|\}\}", " ", match[1]), text)
    text = CODE.sub(keep, FENCE.sub(keep, TAG.sub("", text)))
    for pattern, new in (
        (WHOLE, " "), (AUTOLINK, r" \1 "), (PICTURE, ""), (ADDRESS, "\x02"), (DEFINITION, ""),
        (re.compile(r"\[\^[^\]]+\]:?"), ""),
        (re.compile(r"\]\[[^\]]*\]"), "\x02"),
        (BLOCK_TAG, " "),
        (re.compile(r"</?[a-zA-Z][^<>]*>"), ""),
        (re.compile(r"\[([^\[\]]*)\x02|\x02"), r"\1"),
        (re.compile(r"^([ \t>]*)\d+[.)][ \t]", re.MULTILINE), r"\1"),
        (re.compile(r"\\([!-/:-@\[-`{-~])"), "\x03\\1"),
        (re.compile(r"(?<!\x03)\*\*"), ""),
        (re.compile(r"(?<!\x03)\*((?:[^*\n]|\x03\*)+)\*"), r"\1"),
    ):  # fmt: skip
        text = pattern.sub(new, text)
    text = html.unescape(text.replace("\x03", ""))
    while "KEPT" in text:
        text = re.sub(r"KEPT(\d+)Q", lambda match: kept[int(match[1])], text)
    return text
