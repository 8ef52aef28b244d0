-- Form 2. Accounts and customers that are joined, each on a basis; and what audits said, version by version.

CREATE TABLE link(id INTEGER PRIMARY KEY AUTOINCREMENT, network TEXT NOT NULL, account_id TEXT, handle TEXT, customer_id TEXT,
  discount_code TEXT, basis TEXT NOT NULL, note TEXT, made_at INTEGER NOT NULL);
CREATE TABLE audit(id INTEGER PRIMARY KEY AUTOINCREMENT, page_id INTEGER NOT NULL, snapshot_id INTEGER, as_of INTEGER NOT NULL,
  audited_at INTEGER NOT NULL, version TEXT NOT NULL, seed INTEGER NOT NULL, inputs TEXT NOT NULL, confidence REAL NOT NULL,
  n_followers INTEGER NOT NULL, n_batches INTEGER NOT NULL, n_spikes INTEGER NOT NULL,
  inauthentic_point REAL, inauthentic_low REAL, inauthentic_high REAL,
  dormant_point REAL, dormant_low REAL, dormant_high REAL,
  genuine_point REAL, genuine_low REAL, genuine_high REAL,
  in_batches_point REAL, in_batches_low REAL, in_batches_high REAL,
  UNIQUE(page_id, snapshot_id, inputs));
CREATE TABLE verdict(audit_id INTEGER NOT NULL, rank INTEGER NOT NULL, account_id TEXT, handle TEXT, probability REAL NOT NULL,
  class TEXT NOT NULL, batch TEXT, PRIMARY KEY(audit_id, rank)) WITHOUT ROWID;
