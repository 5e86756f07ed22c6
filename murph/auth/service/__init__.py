"""The verbs of accounts: sign up and in, renew, sign out, change, suspend."""

from murph.auth.service.accounts import (
    EmailTaken,
    PasswordChange,
    ProfileChanges,
    WrongPassword,
    create_admin,
    register,
    restore,
    suspend,
    update_profile,
)
from murph.auth.service.forgetting import forget_expired
from murph.auth.service.signins import (
    REFRESH_LIFETIME,
    REUSE_WINDOW,
    AccountSuspended,
    Grant,
    InvalidCredentials,
    TokenExpired,
    TokenInvalid,
    TokenRevoked,
    authenticate,
    login,
    logout,
    refresh,
)
from murph.auth.service.users import UserNotFound, find_user, get_user, list_users, normalise_email

__all__ = [
    "REFRESH_LIFETIME",
    "REUSE_WINDOW",
    "AccountSuspended",
    "EmailTaken",
    "Grant",
    "InvalidCredentials",
    "PasswordChange",
    "ProfileChanges",
    "TokenExpired",
    "TokenInvalid",
    "TokenRevoked",
    "UserNotFound",
    "WrongPassword",
    "authenticate",
    "create_admin",
    "find_user",
    "forget_expired",
    "get_user",
    "list_users",
    "login",
    "logout",
    "normalise_email",
    "refresh",
    "register",
    "restore",
    "suspend",
    "update_profile",
]
