"""The twenty-four hours, as on every page of the site; the newsroom's lists would say “1:57 a.m.” otherwise."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
