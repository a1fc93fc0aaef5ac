"""Small exports of Substack, written for these tests."""

import csv
import io
import json
import zipfile
from html import escape

from truthlytics.web.text import split_words

COLUMNS = split_words("post_id post_date is_published email_sent_at type audience title subtitle podcast_url")


def row(number=1, **fields):
    """Return the cells of a row by column."""
    return {
        "post_id": f"{number}.the-bridge-{number}",
        "post_date": "2021-05-06T08:00:00.123Z",
        "is_published": "true",
        "email_sent_at": "",
        "type": "newsletter",
        "audience": "everyone",
        "title": "The bridge",
        "subtitle": "",
        "podcast_url": "",
    } | fields


def table(*rows, columns=COLUMNS):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def export(*posts, files=None, **kwargs):
    """Return a zip archive of (row, body) pairs; `files` are further members by name."""
    rows = [cells for cells, _ in posts]
    members = {"posts.csv": table(*rows, **kwargs)}
    members |= {f"posts/{cells['post_id']}.html": body.encode() for cells, body in posts if body is not None}
    return archive(members | (files or {}))


def archive(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def widget(class_name, data, content="", tag="div"):
    return f'<{tag} class="{class_name}" data-attrs="{escape(json.dumps(data))}">{content}</{tag}>'
