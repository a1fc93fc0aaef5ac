"""Whole pages for strangers, kept outside of Django: made once, served by a look-up, gone with what they show.

`wsgi.PageCache` wraps the WSGI callable, `store.Store` holds the bytes, `changes` says what each kind of row changes.
"""
