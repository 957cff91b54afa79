-- +goose Up
-- What the CA was about to sign, written before its key was used.
CREATE TABLE ca_intent (
    serial    BLOB PRIMARY KEY,
    authority TEXT NOT NULL,
    profile   TEXT NOT NULL,
    owner     TEXT NOT NULL,
    tbs       BLOB NOT NULL,
    request   BLOB NOT NULL,               -- hash of the approved application
    key_hash  BLOB NOT NULL UNIQUE,        -- one key, one certificate
    at        BIGINT NOT NULL
);

CREATE TABLE certificate (
    serial     BLOB PRIMARY KEY REFERENCES ca_intent (serial),
    authority  TEXT NOT NULL,
    profile    TEXT NOT NULL,
    owner      TEXT NOT NULL,
    der        BLOB NOT NULL,
    not_before BIGINT NOT NULL,
    not_after  BIGINT NOT NULL
);
CREATE INDEX certificate_owner ON certificate (owner, not_before);

-- The only truth about revocation: in certificate and not here is good, in neither is unknown.
CREATE TABLE revoked (
    serial    BLOB PRIMARY KEY,
    authority TEXT NOT NULL,
    at        BIGINT NOT NULL,
    reason    BIGINT NOT NULL,
    not_after BIGINT NOT NULL
);
CREATE INDEX revoked_authority ON revoked (authority);

CREATE TABLE crl_number (
    authority TEXT PRIMARY KEY,
    number    BIGINT NOT NULL
);
