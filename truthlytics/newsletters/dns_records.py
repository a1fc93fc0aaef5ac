"""Look up the DNS records of domains that send emails. Needs dnspython, which the extra `mail` installs."""

# For one name; the lookups of a check end with the first that takes longer.
TIMEOUT_SECONDS = 2


class NoAnswerError(Exception):
    """Nothing is known: there is no network, no resolver, or dnspython is not installed."""


def txt_records(name: str) -> list[str] | None:
    """Return the TXT records of `name`, or None if neither it nor anything below it exists. Raises NoAnswerError."""
    try:
        import dns.exception
        import dns.resolver
    except ImportError as error:
        raise NoAnswerError(": the extra `mail` is not installed") from error
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=TIMEOUT_SECONDS, search=False)
    except dns.resolver.NXDOMAIN:
        return None
    except dns.resolver.NoAnswer:
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise NoAnswerError from error
    return [b"".join(record.strings).decode(errors="replace") for record in answer]
