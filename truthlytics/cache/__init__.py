"""Page cache: whole pages for anonymous visitors, kept outside Django and invalidated by tags.

`wsgi.PageCache` wraps the WSGI application, `store.Store` holds the responses, and `invalidation` knows which tags a
change to each model invalidates.
"""
