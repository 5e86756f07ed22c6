"""The wallet's invariants; run by ``flask ledger verify``."""

from murph.core.checks import Check
from murph.ledger.models import JournalTxn, LedgerAccount
from murph.wallet.checks import bonuses, holds, journal, payouts, refunds, top_ups
from murph.wallet.models import Bonus, Hold, Payout, Refund, TopUp


def checks() -> list[Check]:
    """Return the invariants I6, I7, I11 to I13 and I16, and the wallet's part of I15."""
    return [
        Check("I6", LedgerAccount, holds.locked_money_is_in_open_holds),
        Check("I7", Hold, holds.holds_equal_their_postings),
        Check("I11", Bonus, bonuses.bonuses_follow_the_formula_and_were_posted_once),
        Check("I12", Refund, refunds.refunds_give_back_what_was_paid),
        Check("I13", Payout, payouts.money_put_aside_is_on_its_way),
        Check("I15", JournalTxn, journal.postings_have_their_row),
        Check("I16", TopUp, top_ups.paid_top_ups_were_credited_once),
    ]
