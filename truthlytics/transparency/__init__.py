"""The transparency log of the record: what was published, in order, in a form that cannot be rewritten unnoticed.

It may import only `truthlytics.web`, so that the apps can write to it.
"""
