"""Tells readers about corrections of articles that they know. It may import the apps, but no other feature."""
