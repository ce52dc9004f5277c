"""Words: cutting, clauses, what a voice can say. Pure; imports `errors` only."""
