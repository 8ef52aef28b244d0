-- Form 4. What people decide: of conversations, of single accounts, and answers that they use again. It outlives the rows that it
-- is about: only `forget` and they themselves take it away. `conversation` and `conversation_word` are made anew from the facts
-- whenever these change; `about` names the word that a decision was about, by what never changes of it.

CREATE TABLE conversation(id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL, account_id TEXT, handle TEXT, display_name TEXT,
  kind TEXT NOT NULL, n_words INTEGER NOT NULL, n_by_page INTEGER NOT NULL, n_engagements INTEGER NOT NULL, last_row INTEGER NOT NULL,
  last_at INTEGER, answered_at INTEGER, awaits INTEGER NOT NULL, waiting_since INTEGER, is_question INTEGER NOT NULL,
  probability REAL, customer_id TEXT, basis TEXT, n_orders INTEGER NOT NULL, spent TEXT, below_share REAL, last_order_at INTEGER,
  turns BLOB);
CREATE INDEX conversation_awaits ON conversation(id) WHERE awaits;
CREATE INDEX conversation_customer ON conversation(customer_id) WHERE customer_id IS NOT NULL;
CREATE TABLE conversation_word(conversation INTEGER NOT NULL, n INTEGER NOT NULL, engagement INTEGER NOT NULL,
  PRIMARY KEY(conversation, n)) WITHOUT ROWID;
CREATE TABLE conversation_page(page_id INTEGER PRIMARY KEY, until INTEGER, speaks INTEGER NOT NULL);

CREATE TABLE conversation_state(conversation INTEGER PRIMARY KEY, page_id INTEGER NOT NULL, account_id TEXT, handle TEXT,
  about INTEGER NOT NULL, status TEXT, until INTEGER, n_words INTEGER NOT NULL, handled_by TEXT, changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL);
CREATE TABLE conversation_note(id INTEGER PRIMARY KEY AUTOINCREMENT, conversation INTEGER NOT NULL, account_id TEXT, handle TEXT,
  at INTEGER NOT NULL, who TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX conversation_note_of ON conversation_note(conversation);
CREATE TABLE saved_answer(name TEXT PRIMARY KEY, text TEXT NOT NULL, changed_at INTEGER NOT NULL, changed_by TEXT NOT NULL)
  WITHOUT ROWID;
CREATE TABLE overrule(id INTEGER PRIMARY KEY AUTOINCREMENT, network TEXT NOT NULL, account_id TEXT, handle TEXT,
  label TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, made_at INTEGER NOT NULL, withdrawn_at INTEGER);
CREATE TABLE follower_label(id INTEGER PRIMARY KEY AUTOINCREMENT, page_id INTEGER NOT NULL, account_id TEXT, handle TEXT,
  label TEXT NOT NULL, stratum INTEGER, stratum_size INTEGER, who TEXT NOT NULL, made_at INTEGER NOT NULL);
