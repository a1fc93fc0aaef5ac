"""Find names and values that look like access rules of software that the importer does not know.

A text with such a sign stays a draft, until a person says that the sign is harmless. So these rules prefer finding too
much: what they miss becomes public.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b

from truthlytics.web.text import split_words, word_set

MAX_VALUE = 40  # Characters of a value that are part of the name of its sign.
MAX_DEPTH = 30
# Distinct signs that are counted one by one.
MAX_SIGNS = 1000
# Parts of names, in any place.
_PARTS = split_words(
    "restrict member paywall pay_wall pay-wall subscri premium level access protect private paid payment purchas "
    "locked unlock locker logged login_required loginwall login_wall login_only require_login must_login "
    "registered_only regwall register_wall registration_wall password patreon patron entitle permission capabilit "
    "whitelist allowed_user allowed_group s2if mepr pmpro swpm mitglied abonn suscri suscrip assinant abbona membre "
    "adherent adhérent bezahl payant подпис 会員 会员 有料 "
    # The words of many languages for “paid”, “subscriber” and “exclusive”.
    "kostenpflicht exklusiv exclusi esclusiv ekskluz insider pay_per pay-per payper mitgliedschaft betaald betal "
    "de_pago pagamento abonat abonent subskryp prenumer előfizet elofizet předplat predplat tilaaj tilaus platn płatn "
    "платн эксклюз передплат συνδρομ abone ücretli ucretli מנוי بالاشتراك اشتراك مشترك مدفوع 订阅 付费 會員 訂閱 付費 "
    "購読 限定 유료 회원 구독 सदस्य thành_viên berlangganan "
    # Conditions of page builders and blocks.
    "condition render_logic show_to show_for hide_from hide_for only_for who_can can_view can_read"
)
# Parts of names that are so short that they must begin with a word, or be one.
_BEGINNINGS = ("visibility", "visible_", "gated", "metered", "metering", "drip_", "wlm")
_WORDS = (
    "tiers?", "roles?", "gate", "rcp", "ihc", "llms", "paying", "patrons?", "login", "abos?", "plus", "vip", "socios?",
    "pago", "pvt",
)  # fmt: skip
_SIGN = re.compile(
    rf"{'|'.join(map(re.escape, _PARTS))}"
    rf"|(?<![a-z])(?:{'|'.join(_BEGINNINGS)})"
    rf"|(?<![a-z])(?:{'|'.join(_WORDS)})(?![a-z])",
    re.IGNORECASE,
)
# May a text have any of these? Also inside a word in camel case.
_QUICK = re.compile(
    "|".join([*map(re.escape, _PARTS), *_BEGINNINGS, *_WORDS, r"\\u", "accessiblefor", "contentcontrols"]),
    re.IGNORECASE,
)
# Words and names that contain one, but say nothing about access.
_HARMLESS = re.compile(
    r"(?<![a-z])(?:remember(?:ed|s)?|accessibility|accessor(?:y|ies)|team[_-]?members?|staff[_-]?members?"
    r"|headings?[_-]?levels?|title[_-]?levels?|toc[_-]?levels?|max[_-]?level|zoom[_-]?level|level[_-]?options"
    r"|(?:google|facebook)[_-]?plus|plus[_-]?one|air[_-]?condition(?:ing|ers?)?|terms[_-]?(?:and[_-]?)?conditions?"
    r"|premium[_-]?addons?|(?:show[_-]?only[_-]?)?top[_-]?levels?|access[_-]?tokens?|subscribe[_-]?to[_-]?comments|sea[_-]?levels?)(?![a-z])"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Values such as “members” or “logged-in, paid” of fields with any name.
_VALUE = re.compile(
    r"(?<![a-z])(?:members?(?:hips?)?|subscribers?|paid|premium|paywall(?:ed)?|restricted|private|protected|patrons?"
    r"|supporters?|registered|logged[_-]?in|customers?)(?![a-z])"
)
_TOKEN = re.compile(r"[\w.,|/:+-]{1,60}")
_FILE = re.compile(r"://|\.(?:jpe?g|png|gif|webp|avif|svg|pdf|mp3|mp4|html?)$", re.IGNORECASE)
# Names of values that people see: texts and addresses.
FREE_TEXT = word_set(
    "alt anchor caption content description href icon id label link name placeholder service slug src text title url "
    "widgettype"
)
# Comments, classes and marks in HTML that say where a part for some readers begins.
_NO_COMMENT = re.compile(r"\s*(?:/?wp:|\[(?:if [^\]]{0,80}(?:mso|IE|support)|endif))", re.IGNORECASE)
_NARROW = (
    r"pay[_ -]?wall|(?:members?|subscribers?|patrons?|supporters?|premium)[_ -]?only|premium[_ -]?content"
    r"|(?:members?|restricted|protected|paid|gated|locked)[_ -]?content|content[_ -]?gate|logged[_ -]?in"
)
_CLASS = re.compile(
    rf"<[a-z][^<>]{{0,2000}}?\s(?:class|id|data-[\w-]{{1,40}})\s{{0,3}}=\s{{0,3}}[\"']?[^\"'<>]{{0,300}}?({_NARROW})",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"(?<![_%{#$])(?:_{2,5}|%%|\{\{?|##|\$\$)\s{0,3}"
    r"[\w -]{0,40}?(?:pay[_ -]?wall|members?|subscribers?|premium|restrict|paid)[\w -]{0,40}?"
    r"\s{0,3}(?:_{2,5}|%%|\}\}?|##|\$\$)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def is_telling(name: str) -> bool:
    """Return whether `name`, of a field, shortcode, block or setting, looks like one of an access rule."""
    if not _QUICK.search(name):
        return False
    lower, split = name.casefold(), _CAMEL.sub("_", name).casefold()
    # Harmless words are removed from both forms, so that nothing can hide behind them.
    for word in _HARMLESS.findall(split):
        lower, split = lower.replace(word.replace("_", ""), " ").replace(word, " "), split.replace(word, " ")
    return bool(_SIGN.search(lower) or _SIGN.search(split))


def has_harmless_name(name: str) -> bool:
    """Return whether `name` has a word that is known to say nothing about access."""
    return bool(_HARMLESS.search(_CAMEL.sub("_", name).casefold()))


def is_telling_value(value: str) -> bool:
    """Return whether `value` is a keyword such as “members” or “paid”. Prose is not."""
    text = value.strip()
    if _FILE.search(text):
        return False
    return bool(_TOKEN.fullmatch(text) and _VALUE.search(_CAMEL.sub("_", text).casefold()))


def named(name: str, value: str) -> str:
    """Return the name of a sign for a value of a field; texts with another value have another sign."""
    text = " ".join(value.split())
    if not text:
        return f"{name} (empty)"
    if len(text) > MAX_VALUE:
        text = f"{text[:MAX_VALUE]}… ({blake2b(value.encode('utf-8', 'replace'), digest_size=3).hexdigest()})"
    return f"{name} = {text}"


def without_value(sign: str) -> str:
    """Return the name of the sign for any value: "field x" for "field x = 1"."""
    return sign.removesuffix(" (empty)").partition(" = ")[0]


def is_harmless(sign: str, harmless: Iterable[str]) -> bool:
    """Return whether `sign`, or that of any value, is among those that a person called `harmless`."""
    return sign in harmless or without_value(sign) in harmless


def settings_in(value: object, *, only_on: bool = False, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of telling settings in nested lists and mappings; also in texts that are JSON.

    `only_on`: not those that are empty or switched off, as in the data of page builders.
    """
    if depth > MAX_DEPTH:
        yield "deeply nested values", ""
    elif isinstance(value, Mapping):
        for key, below in value.items():
            name = str(key)
            if isinstance(below, Mapping | list):
                if is_telling(name) and (below or not only_on):
                    yield name, json.dumps(below, default=str)
                yield from settings_in(below, only_on=only_on, depth=depth + 1)
            elif is_telling(name):
                if not (only_on and _is_off(below)):
                    yield name, _scalar(below)
            elif isinstance(below, str) and name.casefold() not in FREE_TEXT:
                if is_telling_value(below):
                    yield name, below
                yield from settings_in(_parsed(below), only_on=only_on, depth=depth + 1)
    elif isinstance(value, list):
        for below in value:
            if isinstance(below, str) and is_telling_value(below):
                yield "a list", below
            yield from settings_in(_parsed(below), only_on=only_on, depth=depth + 1)


def _parsed(value: object) -> object:
    """Return the list or mapping in a text that is JSON; other values unchanged."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value


def _is_off(value: object) -> bool:
    return value is None or str(value).strip().casefold() in {"", "0", "no", "none", "false", "off", "default"}


def _scalar(value: object) -> str:
    return "" if value is None else str(value)


def marks_in(html: str) -> Iterator[str]:
    """Yield the signs in the HTML of a text: comments, classes, and marks between underscores or braces."""
    if not _QUICK.search(html):
        return
    for comment in _comments(html):
        if is_telling(comment[:2000]):
            yield f"comment <!--{' '.join(comment.split())[:60]}-->"
    for match in _CLASS.finditer(html):
        yield f"class “{match[1].lower()}”"
    for match in _MARK.finditer(html):
        yield f"mark “{' '.join(match[0].split())[:60]}”"


def _comments(html: str) -> Iterator[str]:
    """Yield the contents of HTML comments, but not those of blocks, nor those that only some browsers read."""
    end = 0
    while (start := html.find("<!--", end)) >= 0 and (end := html.find("-->", start + 4)) >= 0:
        if not _NO_COMMENT.match(html, start + 4):
            yield html[start + 4 : end]


def quick(text: str) -> bool:
    """Return whether `text` may have a sign."""
    return bool(_QUICK.search(text))


def stopping(signs: Iterable[str], harmless: Iterable[str]) -> list[str]:
    """Return those of `signs` that no one called harmless."""
    return [sign for sign in signs if not is_harmless(sign, harmless)]


def reason(signs: Iterable[str]) -> str:
    """Return the sentence that says why a text with these signs is a draft; "" without signs."""
    shown = list(signs)
    if not shown:
        return ""
    more = f", and {len(shown) - 2} more" if len(shown) > 2 else ""
    return f"Only some readers could see it or a part of it ({'; '.join(sign[:120] for sign in shown[:2])}{more})."


def names_in(raw: str) -> dict[str, str]:
    """Return the names and texts in quotes in damaged values, without what belongs to them."""
    # What cannot be read may have a switch.
    return dict.fromkeys(re.findall(r'"([^"\\]{1,100})"', raw), "") | {"": "damaged"}
