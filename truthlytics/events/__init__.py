"""Events: what has happened here, and the deliveries of it to other programs, which a feature sends (docs/events.md).

It may import only `truthlytics.publication` and `truthlytics.web`, so that the apps can record events in the
transaction of what they tell.
"""
