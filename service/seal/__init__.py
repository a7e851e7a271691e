"""The split, the sealed test set, and the ledger of its openings."""
