"""The fields that each request may have, checked before anything else is looked at."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from murph.gateways.payment.simulator.refusals import Malformed

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")

Check = tuple[Callable[[Any], bool], str]

NOT_EMPTY: Check = (lambda value: value not in (None, ""), "should not be empty")
STRING: Check = (lambda value: isinstance(value, str), "must be a string")
OBJECT: Check = (lambda value: isinstance(value, dict), "must be an object")
BOOLEAN: Check = (lambda value: isinstance(value, bool), "must be a boolean value")
ADDRESS: Check = (
    lambda value: isinstance(value, str) and _ADDRESS.fullmatch(value) is not None,
    "must be an Ethereum address",
)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


NUMBER: Check = (_is_number, "must be a number conforming to the specified constraints")
NOT_NEGATIVE: Check = (lambda value: _is_number(value) and value >= 0, "must not be less than 0")
INTEGER: Check = (lambda value: _is_number(value) and value == int(value), "must be an integer number")


@dataclass(frozen=True)
class Field:
    """A field of a body."""

    name: str
    checks: tuple[Check, ...]
    required: bool = True


def _text(name: str) -> Field:
    return Field(name, (NOT_EMPTY, STRING))


def _optional(name: str, *checks: Check) -> Field:
    return Field(name, checks or (STRING,), required=False)


CREATE = (
    _text("amount"),
    _text("currency"),
    _text("type"),
    _text("settlementMethod"),
    _text("settlementDestination"),
    _optional("description"),
    _optional("metadata", OBJECT),
    _optional("deliveryPeriod", NUMBER),
    _optional("expectedDeliveryHash"),
    _optional("autoRelease", BOOLEAN),
    _optional("deliveryOracle"),
)
CONFIRM = (
    _text("signature"),
    Field("payerAddress", (ADDRESS, NOT_EMPTY, STRING)),
    _optional("transactionHash"),
)
TRANSACTION_HASH = (_text("transactionHash"),)
CARD = (Field("card", (OBJECT, NOT_EMPTY)),)
PROOF = (_text("proofHash"), _optional("proofURI"), _text("submittedBy"), _optional("submitTxHash"))
DISPUTE = (_text("reason"), _text("raisedBy"), _optional("disputeWindow"))
MILESTONE = (
    Field("milestoneIndex", (NOT_NEGATIVE, INTEGER)),
    _optional("description"),
    _text("amount"),
    _optional("percentage", NOT_NEGATIVE, NUMBER),
)
COMPLETION = (_text("completedBy"), _optional("completionProof"), _optional("completionProofURI"))
NOTHING: tuple[Field, ...] = ()


def check(body: dict[str, Any], fields: tuple[Field, ...]) -> None:
    """Accept a body that has just these fields.

    Raises:
        Malformed: with every complaint about it.
    """
    if complaints := list(_complaints(body, fields)):
        raise Malformed(complaints)


def _complaints(body: dict[str, Any], fields: tuple[Field, ...]) -> Iterator[str]:
    known = {field.name for field in fields}
    yield from (f"property {name} should not exist" for name in body if name not in known)
    for field in fields:
        value = body.get(field.name)
        if field.required or value is not None:
            yield from (f"{field.name} {message}" for holds, message in field.checks if not holds(value))
