"""Money (资金): what may be paid and why (`rules`, pure), and the ledger that never forgets (`ledger`)."""
