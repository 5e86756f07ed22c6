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


def what_is_wrong(address: str) -> str:
    """Return a sentence on what keeps `address` from being one of a wallet or of an account."""
    if re.fullmatch("0x0+", address):
        return "An address of zeros is nobody's. Copy it anew from the wallet."
    if re.fullmatch("(0X)?[0-9A-Fa-f]{40}", address):
        return "An Ethereum address begins with 0x, with a small x."
    if re.fullmatch("0[xX][0-9A-Fa-f]*", address):
        return f"An Ethereum address has 40 digits after its 0x, and this one has {len(address) - 2}."
    if address.startswith(("0x", "0X")):
        return "After its 0x an Ethereum address has only digits and the letters A to F."
    return (
        "Write an Ethereum address (0x and 40 digits), or the name of an account at the payment gateway: "
        "3 to 64 letters, digits, dots, colons, underscores or hyphens."
    )
