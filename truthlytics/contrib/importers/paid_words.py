"""Words of many languages that say in a category, or as the value of a field, that a text is for some readers."""

import json
import re
from collections.abc import Mapping

from truthlytics.web.text import split_words, word_set

MAX_PHRASE = 40
MAX_WORDS = 6
MAX_DEPTH = 30
# By language: beginnings of words for “paid”, “subscriber”, “member” and “exclusive”.
_STEMS = split_words(
    "subscri paywall exclusiv "  # English; Spanish and French have the last one too
    "abonn kostenpflicht bezahl exklusiv mitglied fördermitglied unterstützer geschützt registriert "  # German
    "suscri exclusivo pagamento assinant abbonat esclusiv "  # Spanish, Portuguese, Italian
    "betaald betal prenumer medlem "  # Dutch, Scandinavian languages
    "abonent subskryp płatn platn członk předplat predplat člen abonat előfizet tilaaj jäsen "  # Central Europe
    "подпис платн эксклюз передплат συνδρομ abone üyele "  # Russian, Ukrainian, Greek, Turkish
    "מנוי مشترك المشترك اشتراك مدفوع حصري "  # Hebrew, Arabic
    "会员 會員 付费 付費 订阅 訂閱 有料 購読 会員 限定 유료 회원 구독 सदस्य"  # Chinese, Japanese, Korean, Hindi
)
_WORDS = split_words(
    "abo abos premium plus paid exclusive insider insiders vip member members membership memberships membre membres "
    "miembro miembros membros membri leden socio socios sócios soci adhérents payant payants payante payantes pago "
    "pagos patron patrons supporter supporters förderer registered private protected restricted locked ücretli tagok"
)
_PAID = re.compile(rf"(?:{'|'.join(_WORDS)})|(?:{'|'.join(_STEMS)})\w*")
# Words around them with which they still mean it.
_AROUND = word_set(
    "a all alleen and area area's article articles artikel artikelen artikler artiklar artykuły artículos articoli "
    "aux "
    "bara beiträge bereich bez contenido contenidos content contents contenu contenus contenuti conteúdo dla do "
    "dlya edition "
    "en et e für for för gli in inhalt inhalte inhoud kun las les los nur només of only og our para per post posts "
    "pour pouze pro reservado réservé réservés seulement sólo solo só somente stories story text texte texts the to "
    "tylko und unsere voor vain y za zone для только статьи"
)


def is_paid_phrase(text: str) -> bool:
    """Return whether the few words of `text` mean “for some readers”: “Abo”, “Nur für Mitglieder”, “Kurier+”.

    “Members of Parliament” and “Premium cars” mean something else.
    """
    phrase = " ".join(re.sub(r"[-_/|·:()\[\]“”\"'«»]+", " ", text.casefold()).split())
    if len(phrase) > MAX_PHRASE or not phrase:
        return False
    if re.search(r"(?:^|[^+\s]) ?\+$|\w(?:\s|(?<!sur))plus$", phrase):
        return True
    words = phrase.split()
    told = [bool(_PAID.fullmatch(word)) for word in words]
    around = all(is_told or word in _AROUND for is_told, word in zip(told, words, strict=True))
    return any(told) and around and len(words) <= MAX_WORDS


# A switch, a small number, or one word. Texts, addresses, dates and larger numbers are no choices.
_CHOICE = re.compile(r"[+-]?\d|[^\W\d_][\w-]{0,30}(?:[,;|] ?[\w-]{1,30}){0,5}")


def is_choice(value: str) -> bool:
    """Return whether `value`, of a field that no one knows, may say for whom a text is: “1”, “ja”, “plus”."""
    text = value.strip()
    return bool(_CHOICE.fullmatch(text)) or is_paid_phrase(text)


def has_choice(value: object, depth: int = 0) -> bool:
    """Return whether there is one in nested lists and mappings; also in texts that are JSON."""
    if depth > MAX_DEPTH:
        return True
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return has_choice(json.loads(value), depth + 1)
        except (ValueError, RecursionError):
            return True
    if isinstance(value, Mapping | list):
        below = value.values() if isinstance(value, Mapping) else value
        return any(has_choice(one, depth + 1) for one in below)
    return value is not None and is_choice(str(value))
