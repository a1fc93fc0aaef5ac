"""Small exports of WordPress, written for these tests."""

from xml.sax.saxutils import escape

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.5" -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>The Varn Post</title><link>https://old.example</link><pubDate>Mon, 02 Mar 2020 10:00:00 +0000</pubDate>
<language>en-GB</language><wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>https://old.example</wp:base_site_url><wp:base_blog_url>https://old.example</wp:base_blog_url>
<wp:author><wp:author_id>3</wp:author_id><wp:author_login>ada</wp:author_login>
<wp:author_display_name>Ada Orr</wp:author_display_name></wp:author>
<wp:category><wp:term_id>5</wp:term_id><wp:category_nicename>world</wp:category_nicename>
<wp:cat_name>World</wp:cat_name></wp:category>
<wp:category><wp:term_id>6</wp:term_id><wp:category_nicename>rivers</wp:category_nicename>
<wp:category_parent>world</wp:category_parent><wp:cat_name>Rivers &amp; Lakes</wp:cat_name></wp:category>
<wp:tag><wp:term_id>7</wp:term_id><wp:tag_slug>bridges</wp:tag_slug><wp:tag_name>Bridges</wp:tag_name></wp:tag>
"""
TAIL = "</channel></rss>\n"


def item(number=1, **fields):
    """Return an item; fields beginning with `wp_` are of WordPress's namespace. `more` is further XML."""
    values = {
        "title": "The bridge",
        "link": f"https://old.example/2014/05/item-{number}/",
        "dc:creator": "ada",
        "content": "It was closed.",
        "excerpt": "",
        "more": "",
        "wp_post_id": number,
        "wp_post_date_gmt": "2014-05-06 08:00:00",
        "wp_post_name": f"item-{number}",
        "wp_status": "publish",
        "wp_post_type": "post",
        "wp_comment_status": "open",
    } | fields
    parts = [f"<{name}>{escape(str(values[name]))}</{name}>" for name in ("title", "link", "dc:creator")]
    parts += [
        f"<{name}:encoded><![CDATA[{values[short]}]]></{name}:encoded>"
        for name, short in (("content", "content"), ("excerpt", "excerpt"))
    ]
    parts += [
        f"<wp:{name.removeprefix('wp_')}>{escape(str(value))}</wp:{name.removeprefix('wp_')}>"
        for name, value in values.items()
        if name.startswith("wp_")
    ]
    return f"<item>{''.join(parts)}{values['more']}</item>\n"


def meta(key, value):
    return (
        f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
    )


def comment(number, parent=0, content="It leaks.", approved="1", kind="comment", author="Ann Lee"):
    return (
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>{author}</wp:comment_author>"
        "<wp:comment_author_email>ann@old.example</wp:comment_author_email><wp:comment_author_IP>192.0.2.1"
        f"</wp:comment_author_IP><wp:comment_date_gmt>2014-05-0{number % 9 + 1} 10:00:00</wp:comment_date_gmt>"
        f"<wp:comment_content><![CDATA[{content}]]></wp:comment_content><wp:comment_approved>{approved}"
        f"</wp:comment_approved><wp:comment_type>{kind}</wp:comment_type><wp:comment_parent>{parent}"
        "</wp:comment_parent></wp:comment>"
    )


def export(*items):
    return (HEAD + "".join(items) + TAIL).encode()
