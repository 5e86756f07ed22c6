"""Network addresses as people have them: one of IPv4, or a whole network of IPv6."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

HOME_BITS = 64
"""Of an IPv6 address this much names a household; the rest changes by the day, and as its owner likes."""


def read(address: str) -> IPv4Address | IPv6Address | None:
    """Return a network address, as IPv4 also where it is written as IPv6; None for what is none."""
    try:
        found = ip_address(address)
    except ValueError:  # a Unix socket has none
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def home_of(address: IPv4Address | IPv6Address) -> str:
    """Return what all addresses of one household have in common."""
    is_one = isinstance(address, IPv4Address)
    return str(address if is_one else IPv6Network((address.packed, HOME_BITS), strict=False))
