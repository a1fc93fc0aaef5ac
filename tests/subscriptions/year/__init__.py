"""A year of generated trade, and books that are kept without any code of the accounts."""
