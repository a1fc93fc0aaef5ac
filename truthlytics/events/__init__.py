"""Events: what has happened here, and the webhooks that tell other programs about it (docs/events.md).

It may import only `truthlytics.publication` and `truthlytics.web`, so that the apps can record events in the
transaction of what they tell.
"""
