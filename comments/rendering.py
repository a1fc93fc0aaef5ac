"""The conversation under an article as HTML: what readers have in common is kept, what is theirs is drawn for them."""

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from articles.access import Access, Gated
from comments.forms import blank_form
from comments.models import Comment, Thread
from comments.models.comments import moderates
from comments.pending import kept as kept_words
from comments.permissions import Refusal, closed_sentence, refused
from comments.row_html import drawn
from comments.thread import page
from truthlytics.web.alike import own
from truthlytics.web.compiled_queries import CompiledObjectQuery
from truthlytics.web.fragments import fragment
from truthlytics.web.tokens import token_of


class Discussable(Gated, Protocol):
    """An article and what its served version asks for; `bylines` are the slugs of its authors."""

    @property
    def pk(self) -> int: ...
    @property
    def slug(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def bylines(self) -> frozenset[str]: ...


class Talk(NamedTuple):
    """What a conversation is for everybody: how many comments are shown; `closed` says why nobody writes, or ""."""

    begun: bool = False
    shown: int = 0
    closed: str = ""


class Rows(NamedTuple):
    """Comments as HTML, and the ids of who wrote them."""

    html: SafeString
    writers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with an account, who has written nothing here."""

    is_authenticated: bool = True
    is_staff: bool = False
    # Nobody's.
    pk: int = 0


SOMEBODY = Reader()


def tags(piece: Discussable) -> list[str]:
    return [f"article:{piece.pk}", f"thread:{piece.pk}", "people"]


def draw(
    piece: Discussable, after: str, *, user: Any, access: Access, request: HttpRequest | None = None
) -> SafeString:
    """The conversation behind the cursor `after`, and the box to write in or what is missing for it."""
    talk = _talk_of(piece)
    refusal = refused(piece, access, talk.closed)
    # The empty box needs no form: 0.3 ms of a subscriber's 1.5.
    kept = request is not None and not refusal and kept_words(request.session, piece.pk)
    form = blank_form(piece.pk, request.session) if request is not None and kept else None
    context = {
        "piece": piece,
        "after": after,
        "count": talk.shown,
        "closed": talk.closed,
        "refusal": refusal,
        "form": form,
        "key": own(request, _key),
        "blank": partial(blank_form, piece.pk, None),
        "parent": form.parent_comment() if form else None,
        "rows": _rows(piece, after, user, refusal) if talk.begun else "",
    }
    if request is not None and not refusal:
        context |= {"csrf_token": own(request, token_of), "name": own(request, _name)}
    return render_to_string("comments/_thread.html", context)


def _key(request: Any) -> str:
    return str(uuid4())


def _name(request: Any) -> str:
    return conditional_escape(request.user.display_name)


def is_like_others(piece: Discussable, request: Any) -> bool:
    """Whether this reader's page of the article is that of all with their access: no word of theirs, and no staff."""
    user = request.user
    if not user.is_authenticated or user.is_staff or kept_words(request.session, piece.pk):
        return False
    talk = _talk_of(piece)
    return not talk.begun or _shared_rows(piece, "", user, refused(piece, request.access, talk.closed)) is not None


def _talk_of(piece: Discussable) -> Talk:
    return fragment("talk", piece.pk, make=partial(_talk, piece.pk), tags=tags(piece))


def _talk(article_id: int) -> Talk:
    found = _conversation(article_id)
    if not found:
        return Talk()
    conversation = found[0]
    return Talk(True, conversation.visible_count, closed_sentence(conversation))


_conversation: CompiledObjectQuery[Thread] = CompiledObjectQuery(
    lambda article: Thread.objects.filter(article=article), "article"
)


def _waiting(article_id: int) -> frozenset[int]:
    """Whose comments wait under the article."""
    return frozenset(Comment.objects.filter(article=article_id).waiting().values_list("author", flat=True))


def _rows(piece: Discussable, after: str, user: Any, refusal: Refusal | None) -> SafeString:
    """The comments as `user` sees them, kept for all who have written nothing of what is there and moderate nothing."""
    if not user.is_authenticated:
        return _draw(piece, after, user, refusal).html
    shared = _shared_rows(piece, after, user, refusal)
    return _draw(piece, after, user, refusal).html if shared is None else shared


def _shared_rows(piece: Discussable, after: str, user: Any, refusal: Refusal | None) -> SafeString | None:
    """The comments as all readers see them who have written none of them; None for whoever sees them differently."""
    waiting = fragment("waiting", piece.pk, make=partial(_waiting, piece.pk), tags=tags(piece))
    if user.pk in waiting or moderates(user):
        return None
    make = partial(_draw, piece, after, SOMEBODY, refusal)
    kept = fragment("comments", piece.pk, after, refusal is None, make=make, tags=tags(piece))
    return None if user.pk in kept.writers else kept.html


def _draw(piece: Discussable, after: str, user: Any, refusal: Refusal | None) -> Rows:
    found = page(piece.pk, user, after, piece.bylines)
    if not found.roots:
        return Rows(SafeString(), frozenset())
    return Rows(drawn(found, piece.slug, user, writes=refusal is None), found.writers)
