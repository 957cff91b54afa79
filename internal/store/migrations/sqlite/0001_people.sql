-- +goose Up
CREATE TABLE organisation (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    domain     TEXT NOT NULL,              -- e-mail domain of its people; empty = any
    contact    TEXT NOT NULL,              -- who helps, as shown to applicants
    created_at BIGINT NOT NULL
);

CREATE TABLE person (
    id           TEXT PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisation (id),
    nik_hash     BLOB NOT NULL UNIQUE,     -- keyed: without the server's key it cannot be searched by trying all numbers
    nik_sealed   BLOB NOT NULL,
    name         TEXT NOT NULL,
    nip          TEXT NOT NULL,
    position     TEXT NOT NULL,
    unit         TEXT NOT NULL,
    email        TEXT NOT NULL,
    phone        TEXT NOT NULL,
    roles        TEXT NOT NULL,            -- space separated
    password     TEXT NOT NULL,            -- Argon2id in PHC form; empty until the person activated the account
    created_at   BIGINT NOT NULL,
    activated_at BIGINT NOT NULL,
    disabled_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX person_email ON person (email);
CREATE INDEX person_organisation ON person (organisation, name);

-- Wrong tries are counted for numbers that are not registered too, so that an answer tells nothing about who is.
CREATE TABLE login_try (
    nik_hash     BLOB PRIMARY KEY,
    failures     BIGINT NOT NULL,
    last_at      BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
);

CREATE TABLE session (
    hash       BLOB PRIMARY KEY,           -- SHA-256 of the token in the cookie
    person     TEXT NOT NULL REFERENCES person (id),
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_person ON session (person);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE link (
    hash       BLOB PRIMARY KEY,           -- SHA-256 of the token in the mail
    purpose    TEXT NOT NULL,
    subject    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX link_subject ON link (purpose, subject, created_at);
