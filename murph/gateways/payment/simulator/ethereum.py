"""Who signed a payment: EIP-712 typed data, Keccak-256 and the recovery of a secp256k1 key."""

from typing import Any

from coincurve import PublicKey
from Crypto.Hash import keccak

CHAIN_ID = 11155111
ZERO_ADDRESS = "0x" + "0" * 40
_NAME = "Finternet Payment Gateway"
_VERSION = "1"


def keccak256(data: bytes) -> bytes:
    """Return the hash that Ethereum uses, which is not SHA3-256."""
    return keccak.new(digest_bits=256, data=data).digest()


def typed_data(intent_id: str, amount: int) -> dict[str, Any]:
    """Return what a payer's wallet is asked to sign; `amount` in millionths."""
    names = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"}
    intent = {"intentId": "bytes32", "amount": "uint256", "nonce": "uint256"}
    return {
        "types": {
            "EIP712Domain": [{"name": name, "type": kind} for name, kind in names.items()],
            "PaymentIntent": [{"name": name, "type": kind} for name, kind in intent.items()],
        },
        "domain": {
            "name": _NAME,
            "version": _VERSION,
            "chainId": CHAIN_ID,
            "verifyingContract": ZERO_ADDRESS,
        },
        "message": {
            "intentId": "0x" + keccak256(intent_id.encode()).hex(),
            "amount": str(amount),
            "nonce": 0,
        },
    }


def digest(intent_id: str, amount: int) -> bytes:
    """Return the 32 bytes that are signed (EIP-712)."""
    domain = keccak256(
        keccak256(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
        + keccak256(_NAME.encode())
        + keccak256(_VERSION.encode())
        + _word(CHAIN_ID)
        + _word(0)
    )
    message = keccak256(
        keccak256(b"PaymentIntent(bytes32 intentId,uint256 amount,uint256 nonce)")
        + keccak256(intent_id.encode())
        + _word(amount)
        + _word(0)
    )
    return keccak256(b"\x19\x01" + domain + message)


def signer(signature: str, signed: bytes) -> str:
    """Return the address whose key made `signature` over the digest `signed`.

    Raises:
        ValueError: it is no signature.
    """
    raw = bytes.fromhex(signature.removeprefix("0x"))
    if len(raw) != 65:
        raise ValueError("a signature has 65 bytes")
    recovery = bytes([raw[64] - 27 if raw[64] >= 27 else raw[64]])
    return address(PublicKey.from_signature_and_message(raw[:64] + recovery, signed, hasher=None))


def address(key: PublicKey) -> str:
    """Return the address of a public key, in lower case."""
    return "0x" + keccak256(key.format(compressed=False)[1:])[-20:].hex()


def _word(number: int) -> bytes:
    return (number % 2**256).to_bytes(32, "big")
