//! Promotion tests: planned, assigned and read, safe to peek at, decided in money.
