"""Small exports of Ghost, written for these tests."""

import json


def post(number=1, **fields):
    return {
        "id": f"{number:024x}", "uuid": f"0000-{number}", "title": "The bridge", "slug": f"item-{number}",
        "html": "<p>It was closed.</p>", "lexical": None, "mobiledoc": None, "type": "post", "status": "published",
        "visibility": "public", "published_at": "2014-05-06T08:00:00.000Z", "featured": 0,
    } | fields  # fmt: skip


def tables(*posts, **more):
    """Return the tables of a site with one author. Each post has the tag `World`, and the second one if it is even."""
    ids = [row["id"] for row in posts]
    return {
        "posts": list(posts),
        "users": [{"id": "1", "name": "Ada Orr", "slug": "ada", "email": "ada@old.example"}],
        "tags": [
            {"id": "t1", "name": "World", "slug": "world", "visibility": "public", "description": "Far away"},
            {"id": "t2", "name": "Bridges", "slug": "bridges", "visibility": "public"},
            {"id": "t3", "name": "#import", "slug": "hash-import", "visibility": "internal"},
        ],
        "posts_authors": [{"post_id": post_id, "author_id": "1", "sort_order": 0} for post_id in ids],
        "posts_tags": [
            {"post_id": post_id, "tag_id": tag, "sort_order": order}
            for post_id in ids
            for order, tag in enumerate(("t3", "t1", "t2"))
        ],
        "settings": [{"key": "title", "value": "The Varn Post"}, {"key": "timezone", "value": "Europe/Berlin"}],
    } | more


def export(*posts, **more):
    """Return the bytes of a file of version 5."""
    meta = {"exported_on": 1717000000000, "version": "5.82.1"}
    return json.dumps({"db": [{"meta": meta, "data": tables(*posts, **more)}]}).encode()


def lexical(*nodes):
    return json.dumps({"root": {"type": "root", "version": 1, "children": list(nodes)}})


def text(value, bits=0):
    return {"type": "extended-text", "text": value, "format": bits}


def node(kind, *children, **fields):
    return {"type": kind, "children": list(children), **fields}


def mobiledoc(*sections, cards=(), markups=(), atoms=()):
    parts = {"version": "0.3.1", "sections": sections, "cards": cards, "markups": markups, "atoms": atoms}
    return json.dumps(parts)
