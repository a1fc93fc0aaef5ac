"""Engraving-style drawing library and the scenes made with it."""
