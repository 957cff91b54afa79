-- +goose Up
-- Which entry of the audit log announces the issuance; -1: made before this was kept.
ALTER TABLE ca_intent ADD COLUMN entry BIGINT NOT NULL DEFAULT -1;

-- One approval, one certificate in force.
CREATE INDEX ca_intent_request ON ca_intent (request);

-- How often revocations of an authority changed: a CRL that knows of fewer changes is out of date.
CREATE TABLE revocation_change (
    authority TEXT PRIMARY KEY,
    n         BIGINT NOT NULL
);

-- The last list of each authority. What it holds must be in the next one.
CREATE TABLE crl (
    authority   TEXT PRIMARY KEY,
    number      BIGINT NOT NULL,
    change      BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    der         BLOB NOT NULL
);
