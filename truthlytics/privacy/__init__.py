"""Readers’ data: download everything, or delete the account.

It may import the apps, `newsletters` and `contact`, but no other feature.
"""
