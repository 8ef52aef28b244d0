-- Form 5. Experiments: the plan as it was sealed, which never changes; what was read by it; what people decided then. They name no
-- person, so neither `undo` nor `forget` nor retention touches them.

CREATE TABLE experiment(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, hash TEXT NOT NULL,
  sealed_at TEXT NOT NULL, plan TEXT NOT NULL, kept_at INTEGER NOT NULL, kept_by TEXT NOT NULL);
CREATE TABLE experiment_reading(id INTEGER PRIMARY KEY AUTOINCREMENT, experiment INTEGER NOT NULL, read_at INTEGER NOT NULL,
  read_by TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL, verdict TEXT NOT NULL, answer TEXT NOT NULL, sections TEXT NOT NULL);
CREATE INDEX experiment_reading_of ON experiment_reading(experiment);
CREATE TABLE experiment_decision(id INTEGER PRIMARY KEY AUTOINCREMENT, experiment INTEGER NOT NULL, at INTEGER NOT NULL,
  who TEXT NOT NULL, decision TEXT NOT NULL, note TEXT NOT NULL);
CREATE INDEX experiment_decision_of ON experiment_decision(experiment);
