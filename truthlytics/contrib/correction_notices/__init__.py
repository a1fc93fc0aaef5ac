"""Tells readers about corrections of articles that they know, on the page of their account and by email.

It may import the apps, but no other feature.
"""
