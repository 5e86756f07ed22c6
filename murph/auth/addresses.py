"""Addresses of wallets: the letter case of an Ethereum address is its checksum (EIP-55)."""

import re

from Crypto.Hash import keccak

ETHEREUM = r"0x[0-9A-Fa-f]{40}"


def is_ethereum(address: str) -> bool:
    """Tell whether `address` has the form of an Ethereum address."""
    return re.fullmatch(ETHEREUM, address) is not None


def checksummed(address: str) -> str:
    """Return an Ethereum address in the letter case that EIP-55 gives it.

    Raises:
        ValueError: its letters are of both cases, and not of these: something was mistyped.
    """
    digits = address[2:].lower()
    digest = keccak.new(digest_bits=256, data=digits.encode()).hexdigest()
    pairs = zip(digits, digest, strict=False)
    written = "0x" + "".join(digit.upper() if int(check, 16) > 7 else digit for digit, check in pairs)
    if address[2:] not in (digits, digits.upper(), written[2:]):
        raise ValueError("the checksum is wrong")
    return written
