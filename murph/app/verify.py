"""``flask ledger``: is every cent where it should be?"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from sqlalchemy import func, select

from murph.core import money
from murph.core.checks import Check, Violation
from murph.core.cli import CommandGroup, json_option, print_json, print_table
from murph.core.db import db
from murph.core.http.fields import moment_text
from murph.core.spreadsheet import csv_lines
from murph.ledger import checks as ledger_checks
from murph.ledger import queries as ledger_queries
from murph.ledger.models import DEBIT, LedgerAccount
from murph.review import checks as review_checks
from murph.session import checks as session_checks
from murph.wallet import checks as wallet_checks

ledger = CommandGroup("ledger", help="The books: verify them, read an account.")
_FEATURES = (ledger_checks, wallet_checks, session_checks, review_checks)


@dataclass(frozen=True)
class Finding:
    """What one check looked at, found, and how long it took."""

    invariant: str
    subject: str
    rows: int
    took_ms: int
    violations: list[Violation]


_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])
_COLUMNS = ("seq", "created_at", "kind", "reference", "other", "amount", "balance")


@ledger.command("verify")
@click.option(
    "--since",
    type=_MOMENT,
    help="Leave out what was finished before this moment (UTC).",
)
@json_option
def verify(since: datetime | None, as_json: bool) -> None:
    """Check every invariant of the books and of what they pay for; exit with 1 when one is broken.

    \b
    Examples:
      flask ledger verify
      flask ledger verify --since 2026-01-31 --json
    """
    found = list(findings(_utc(since)))
    violations = [violation for finding in found for violation in finding.violations]
    if as_json:
        print_json({"ok": not violations, "checks": [asdict(finding) for finding in found]})
    else:
        _print_findings(found, violations)
    if violations:
        raise SystemExit(1)


@ledger.command("balance")
@click.argument("code")
@json_option
def balance(code: str, as_json: bool) -> None:
    """Print the balance of the account CODE.

    \b
    Examples:
      flask ledger balance platform:fee
      flask ledger balance user:0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11:available --json
    """
    account = _account(code)
    amount = money.to_text(account.balance_minor, account.currency)
    if as_json:
        print_json({"code": code, "balance": amount, "currency": account.currency})
    else:
        click.echo(f"{amount} {account.currency}")


@ledger.command("statement")
@click.argument("code")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--from", "since", type=_MOMENT, help="Only entries at or after this moment (UTC).")
@click.option("--to", "until", type=_MOMENT, help="Only entries before this moment (UTC).")
@click.option("--csv", "as_csv", is_flag=True, help="Print the entries as a table for spreadsheets.")
@json_option
def statement(
    code: str, limit: int, since: datetime | None, until: datetime | None, as_csv: bool, as_json: bool
) -> None:
    """List the newest entries of the account CODE, with the balance before and after them.

    \b
    Examples:
      flask ledger statement platform:fee --limit 10
      flask ledger statement platform:fee --from 2026-01-01 --to 2026-02-01 --csv --limit 10000
      flask ledger statement external:topup:sandbox --json
    """
    account = _account(code)
    entries = ledger_queries.statement(code, limit=limit, since=_utc(since), until=_utc(until))
    items = [_statement_line(entry, account.currency) for entry in entries]
    opening, closing = _frame(entries, account, _utc(until))
    rows = [[str(item[column]) for column in _COLUMNS] for item in items]
    if as_json:
        frame = {"opening": opening, "closing": closing}
        print_json({"code": code, "currency": account.currency, **frame, "items": items})
    elif as_csv:
        click.echo("".join(csv_lines(_COLUMNS, rows)), nl=False)
    else:
        print_table(_COLUMNS, rows, of="entries")
        click.echo(f"From {opening} to {closing} {account.currency}.")


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _frame(entries: Sequence[Any], account: LedgerAccount, until: datetime | None) -> tuple[str, str]:
    """Return the balances before and after these entries, which make the difference."""
    if until is not None:
        just_before = until - timedelta(microseconds=1)
        closing_minor = ledger_queries.balances_at([account.code], just_before).get(account.code, 0)
    else:
        closing_minor = entries[0].balance_after_minor if entries else account.balance_minor
    change_minor = sum(e.amount_minor * (-1 if e.side == DEBIT else 1) for e in entries)
    opening_minor = closing_minor - change_minor
    return money.to_text(opening_minor, account.currency), money.to_text(closing_minor, account.currency)


def findings(since: datetime | None) -> Iterator[Finding]:
    """Run every check, of the rows since a moment if one is given, and yield what it found."""
    for check in [check for feature in _FEATURES for check in feature.checks()]:
        started = time.monotonic()
        violations = list(check.run(since))
        took_ms = round((time.monotonic() - started) * 1000)
        yield Finding(check.name, check.over.__tablename__, _count(check, since), took_ms, violations)
        db.session.rollback()  # no read of the next check stands on an old snapshot


def _count(check: Check, since: datetime | None) -> int:
    query = select(func.count()).select_from(check.over)
    if since is not None and "created_at" in check.over.__table__.columns:
        query = query.where(check.over.__table__.columns["created_at"] >= since)
    return db.session.scalar(query) or 0


def _print_findings(findings: list[Finding], violations: list[Violation]) -> None:
    rows = [(f.invariant, f.subject, f.rows, f.took_ms, "BROKEN" if f.violations else "ok") for f in findings]
    print_table(("invariant", "of", "rows", "ms", "result"), rows, of="invariants")
    for violation in violations:
        click.echo(f"{violation.invariant}: {violation.message}: {violation.row}", err=True)
    click.echo(f"{len(violations)} violations." if violations else "All invariants hold.")


def _account(code: str) -> LedgerAccount:
    account = ledger_queries.account(code)
    if account is None:
        raise click.BadParameter("no money has ever moved on an account of this code", param_hint="CODE")
    return account


def _statement_line(entry: Any, currency: str) -> dict[str, Any]:
    sign = "-" if entry.side == DEBIT else ""
    return {
        "seq": entry.seq,
        "created_at": moment_text(entry.created_at),
        "kind": entry.kind,
        "reference": f"{entry.ref_type} {entry.ref_id}" + (f" part {entry.part}" if entry.part else ""),
        "other": entry.other,
        "amount": sign + money.to_text(entry.amount_minor, currency),
        "balance": money.to_text(entry.balance_after_minor, currency),
    }
