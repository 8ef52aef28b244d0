-- Form 6. Turns of conversations as rows, each with the word that began it, so that figures of response lead to their rows; and who is
-- left out of them and of the queue. Made anew from the facts as the conversations are.

ALTER TABLE conversation DROP COLUMN turns;
ALTER TABLE conversation ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0;
CREATE TABLE conversation_turn(engagement INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, at INTEGER, answered_at INTEGER,
  is_last INTEGER NOT NULL);
CREATE INDEX conversation_turn_of ON conversation_turn(conversation);
