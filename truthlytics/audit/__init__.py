"""The audit log, and the admin base class that writes it. It may import only `truthlytics.web`."""
