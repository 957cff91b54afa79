-- +goose Up
CREATE TABLE credential (
    id           TEXT PRIMARY KEY,
    person       TEXT NOT NULL,
    certificate  BLOB NOT NULL,
    blob         BLOB NOT NULL,            -- the key, wrapped by the owner's passphrase and the server's share
    failures     BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX credential_person ON credential (person, created_at);

-- Documents signed here; the code is reserved before the document is hashed, because its QR shows it.
CREATE TABLE document (
    code      TEXT PRIMARY KEY,
    person    TEXT NOT NULL,
    title     TEXT NOT NULL,
    sha256    TEXT NOT NULL,               -- of the signed file; empty until it is finished
    size      BIGINT NOT NULL,
    signed_at BIGINT NOT NULL
);
CREATE INDEX document_person ON document (person, signed_at);
