"""Checking a record from outside: the modules that `/record/verify.py` is put together from (see `assembly`).

They use the standard library only, of Python 3.9 and later, and nothing of the site.
"""
