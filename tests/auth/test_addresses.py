"""EIP-55, by the examples of its own text."""

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from murph.auth.addresses import checksummed, is_ethereum
from murph.auth.schemas import WalletAddress
from tests.auth.people import sign_up

ALL_CAPITAL = ["0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D"]
ALL_SMALL = ["0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26"]
MIXED = [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]
EXAMPLES = ALL_CAPITAL + ALL_SMALL + MIXED
"""Of https://eips.ethereum.org/EIPS/eip-55, section "Test Cases"."""


@pytest.mark.parametrize("address", EXAMPLES)
def test_the_examples_of_the_standard_are_as_they_should_be(address: str) -> None:
    assert checksummed(address) == address


@pytest.mark.parametrize("address", EXAMPLES)
def test_letters_of_one_case_get_their_checksum(address: str) -> None:
    assert checksummed(address.lower()) == checksummed("0x" + address[2:].upper()) == address


@pytest.mark.parametrize("address", MIXED)
def test_one_letter_of_the_other_case_is_noticed_wherever_it_stands(address: str) -> None:
    for at in range(2, 42):
        if address[at].isalpha():
            with pytest.raises(ValueError, match="checksum"):
                checksummed(address[:at] + address[at].swapcase() + address[at + 1 :])


@given(st.binary(min_size=20, max_size=20))
def test_an_address_has_one_checked_form(address: bytes) -> None:
    written = checksummed(f"0x{address.hex()}")
    assert written.lower() == f"0x{address.hex()}"
    assert checksummed(written) == written


@pytest.mark.parametrize("text", ["", "0x", "0x" + "g" * 40, "0X" + "a" * 40, "a" * 42, "0x" + "a" * 41])
def test_what_has_another_form_is_no_address(text: str) -> None:
    assert not is_ethereum(text)


def test_an_address_is_kept_as_its_checksum_writes_it(client: FlaskClient) -> None:
    ada = sign_up(client)
    for sent in (MIXED[0], MIXED[0].lower(), "0x" + MIXED[0][2:].upper()):
        answer = client.put("/api/v1/auth/me", json={"wallet_address": sent}, headers=ada.headers)
        assert (answer.status_code, answer.get_json()["wallet_address"]) == (200, MIXED[0])


def test_a_mistyped_address_is_refused_with_a_sentence(client: FlaskClient) -> None:
    ada = sign_up(client)
    for method, path in (
        ("PUT", "/auth/me"),
        ("PUT", f"/users/{ada.id}"),
        ("POST", "/payments/wallet/connect"),
    ):
        body = {"wallet_address": MIXED[0].replace("A", "a", 1)}
        answer = client.open(f"/api/v1{path}", method=method, json=body, headers=ada.headers)
        assert answer.status_code == 422, path
        assert "Copy it anew" in answer.get_json()["errors"]["wallet_address"][0]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (MIXED[0][2:], "begins with 0x"),
        ("0X" + MIXED[0][2:], "begins with 0x"),
        (MIXED[0][:-1], "this one has 39."),
        (MIXED[0] + "0", "this one has 41."),
        ("0xnothex", "only digits and the letters A to F"),
        ("0x" + "0" * 40, "is nobody's"),
        ("a b", "the name of an account"),
    ],
)
def test_a_sentence_says_what_is_wrong_with_an_address(address: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        WalletAddress().deserialize(address)
    (complaint,) = refused.value.messages
    assert sentence in complaint
