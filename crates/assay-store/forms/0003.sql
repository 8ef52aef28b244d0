-- Form 3. What retention leaves where rows of persons were: counts by day, and who came and went between lists.

ALTER TABLE reading ADD COLUMN dropped_at INTEGER;
CREATE TABLE kept_count(page_id INTEGER NOT NULL, what TEXT NOT NULL, day INTEGER NOT NULL, kind TEXT NOT NULL,
  n_rows INTEGER NOT NULL, n_persons INTEGER NOT NULL, PRIMARY KEY(page_id, what, day, kind)) WITHOUT ROWID;
CREATE TABLE kept_change(page_id INTEGER NOT NULL, after INTEGER NOT NULL, by INTEGER NOT NULL, n_gained INTEGER NOT NULL,
  n_lost INTEGER NOT NULL, n_lost_inauthentic INTEGER, PRIMARY KEY(page_id, after, by)) WITHOUT ROWID;
