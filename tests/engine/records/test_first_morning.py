"""What a new database lacks before its first call, and what is then said no more."""

from engine.money import ledger
from engine.records.first_morning import Lack, still_lacking
from tests.worlds import Bureau


def test_a_new_bureau_is_told_what_no_workbook_brings(world: Bureau) -> None:
    """A second administrator and the year's budget; its call is open."""
    for account in world.accounts.values():
        account.active = account.login in ("admin", "planning")
    before = still_lacking(world.session, world.now)

    ledger.appropriate(
        world.session,
        year=world.now.year,
        amount_fen=100,
        voucher=ledger.Voucher("budget:1", world.now.date(), "planning"),
    )

    assert Lack.SECOND_ADMIN in before
    assert still_lacking(world.session, world.now) == [Lack.SECOND_ADMIN]
