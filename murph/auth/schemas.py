"""What accounts look like on the wire."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from murph.auth.addresses import ETHEREUM, checksummed, is_ethereum, what_is_wrong
from murph.auth.models import ADMIN, STUDENT, TEACHER
from murph.auth.service import normalise_email
from murph.core.http.fields import HttpUrl, Moment, Schema, Text

MAX_EMAIL_LENGTH = 254
MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH = 10, 128
_ID = {"example": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"}
_EMAIL = {"example": "ada@example.org"}
_PASSWORD = {"example": "correct horse battery"}
_TOKEN = {"example": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl"}


class Email(Text):
    """An e-mail address in the form that is stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=MAX_EMAIL_LENGTH, validators=[validate.Email()], metadata=_EMAIL, **kwargs
        )

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        return normalise_email(super()._deserialize(value, attr, data, **kwargs))

    def described(self) -> dict[str, Any]:
        """Return the form of an e-mail address."""
        return {"format": "email"}


class Password(fields.String):
    """A password, taken to the letter: white space around it belongs to it."""

    def __init__(self, *, min_length: int = MIN_PASSWORD_LENGTH, **kwargs: Any) -> None:
        length = validate.Length(min=min_length, max=MAX_PASSWORD_LENGTH)
        super().__init__(validate=[length, _encodable], load_only=True, metadata=_PASSWORD, **kwargs)


def _encodable(password: str) -> None:
    try:
        password.encode()
    except UnicodeEncodeError as error:
        raise ValidationError("Not valid Unicode text.") from error


class _AddressForm(validate.Regexp):
    """The form of a wallet address; who misses it is told what is wrong."""

    def _format_error(self, value: str | bytes) -> str:
        return what_is_wrong(str(value))


class WalletAddress(Text):
    """An Ethereum address, written as EIP-55 checks it, or the name of an account at the payment gateway.

    An address whose letters are all small or all capital carries no checksum, as many programs write
    it: it is taken, and stored in its checked form.
    """

    def __init__(self, **kwargs: Any) -> None:
        form = _AddressForm(
            # An address without its 0x, and that of nobody (all zeros), would be money sent astray.
            rf"^((?!0x0+$){ETHEREUM}|(?!0[xX]|[0-9A-Fa-f]{{40}}$)[A-Za-z0-9._:-]{{3,64}})$"
        )
        described = {
            "example": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "description": "Small and capital letters of a 0x address are its checksum (EIP-55); one whose "
            "letters are all of one case is taken without",
        }
        super().__init__(max_length=64, validators=[form], metadata=described, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        address = super()._deserialize(value, attr, data, **kwargs)
        try:
            return checksummed(address) if is_ethereum(address) else address
        except ValueError as error:
            raise ValidationError(
                "The small and capital letters of this address do not fit its digits (EIP-55). "
                "Copy it anew from the wallet."
            ) from error


class RegisterIn(Schema):
    """A new account."""

    email = Email(required=True)
    password = Password(required=True)
    name = Text(required=True, min_length=1, max_length=100, metadata={"example": "Ada Lovelace"})
    user_type = fields.String(
        required=True, validate=validate.OneOf([STUDENT, TEACHER]), metadata={"example": STUDENT}
    )
    wallet_address = WalletAddress(allow_none=True, load_default=None)


class AdminIn(Schema):
    """A new administrator, from the command line."""

    email = Email(required=True)
    password = Password(required=True)
    name = Text(required=True, min_length=1, max_length=100)


class LoginIn(Schema):
    """An e-mail and its password; neither is judged by form, so that all that do not fit look alike."""

    email = Text(required=True, max_length=MAX_EMAIL_LENGTH, metadata=_EMAIL)
    password = Password(required=True, min_length=0)


class ProfileIn(Schema):
    """Changes of a profile: a field that is left out stays as it is, null empties it."""

    name = Text(min_length=1, max_length=100, metadata={"example": "Ada Lovelace"})
    bio = Text(max_length=2000, allow_none=True, metadata={"example": "I teach mathematics."})
    avatar_url = HttpUrl(allow_none=True, metadata={"example": "https://example.org/ada.png"})
    wallet_address = WalletAddress(allow_none=True)
    email = Email()


class MeIn(ProfileIn):
    """Changes of one's own profile, the password among them."""

    password = Password()
    current_password = Password(min_length=0)

    @validates_schema
    def _prove_password(self, data: Mapping[str, Any], **_: Any) -> None:
        if "password" in data and "current_password" not in data:
            raise ValidationError("Send the current password to set a new one.", "current_password")


class ErasureIn(Schema):
    """The password again, as an erased account cannot be brought back."""

    password = Password(required=True, min_length=0)


class UserOut(Schema):
    """An account, for its owner."""

    id = fields.UUID(required=True, metadata=_ID)
    email = fields.String(required=True, metadata=_EMAIL)
    name = fields.String(required=True, metadata={"example": "Ada Lovelace"})
    user_type = fields.String(
        required=True, validate=validate.OneOf([STUDENT, TEACHER, ADMIN]), metadata={"example": STUDENT}
    )
    wallet_address = fields.String(required=True, allow_none=True, metadata={"example": None})
    bio = fields.String(required=True, allow_none=True, metadata={"example": "I teach mathematics."})
    avatar_url = fields.String(
        required=True, allow_none=True, metadata={"example": "https://example.org/ada.png"}
    )
    created_at = Moment(required=True, metadata={"example": "2026-01-31T12:00:00.000000Z"})


class ListedUserOut(UserOut):
    """An account, for an administrator."""

    state = fields.String(required=True)


class TokenPairOut(Schema):
    """A fresh pair of tokens."""

    access_token = fields.String(required=True, metadata=_TOKEN)
    refresh_token = fields.String(
        metadata=_TOKEN | {"description": "Not told where a page has asked for it in a cookie"}
    )
    token_type = fields.Constant("bearer", required=True, metadata={"example": "bearer"})
    expires_in = fields.Integer(required=True, metadata={"example": 900, "description": "Seconds"})


class SignedInOut(TokenPairOut):
    """A fresh pair of tokens and whose they are."""

    user = fields.Nested(UserOut, required=True)
