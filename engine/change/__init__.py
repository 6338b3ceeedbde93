"""Changing how the bureau works (变更): publishing, migration, rehearsal, counterfactuals, the next guide."""
