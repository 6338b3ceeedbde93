"""Changing procedure (变更): the editor, proposals, rehearsal, migration, rules; pages over `engine.change`."""
