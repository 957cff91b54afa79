-- +goose Up
CREATE TABLE outbox (
    id         TEXT PRIMARY KEY,           -- left part of the Message-ID
    kind       TEXT NOT NULL,
    recipient  TEXT NOT NULL,
    sealed     BLOB,                       -- the whole message; links in it open accounts, so it is sealed and removed once sent
    created_at BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    sent_at    BIGINT NOT NULL,
    failed_at  BIGINT NOT NULL,            -- given up
    last_error TEXT NOT NULL
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE sent_at = 0 AND failed_at = 0;
CREATE INDEX outbox_created ON outbox (created_at);
