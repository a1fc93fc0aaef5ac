"""The transparency log of the record: what was published, in order, in a form that nobody can rewrite unnoticed."""
