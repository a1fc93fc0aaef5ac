"""What a browser calls itself, in the words of whoever sits before it."""

# The first that is found counts: most browsers name others beside themselves.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "FxiOS/": "Firefox",
    "Firefox/": "Firefox",
    "CriOS/": "Chrome",
    "Chrom": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "iPhone": "an iPhone",
    "iPad": "an iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Macintosh": "a Mac",
    "CrOS": "a Chromebook",
    "Linux": "Linux",
}


def device_name(agent: str) -> str:
    """“Firefox on Windows” for the header that it sends; the header itself where neither is known."""
    browser, system = (
        next((said for mark, said in known.items() if mark in agent), "") for known in (BROWSERS, SYSTEMS)
    )
    if browser and system:
        return f"{browser} on {system}"
    return browser or agent[:80] or "A browser that did not name itself"
