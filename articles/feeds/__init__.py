"""Feeds: `channel` is what they say, `formats` how it is written, `articles.views.feeds` where it is served."""
