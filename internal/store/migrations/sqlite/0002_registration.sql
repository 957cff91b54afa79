-- +goose Up
CREATE TABLE application (
    id            TEXT PRIMARY KEY,
    person        TEXT NOT NULL REFERENCES person (id),
    organisation  TEXT NOT NULL REFERENCES organisation (id),
    registrant    TEXT NOT NULL REFERENCES person (id),   -- the person itself when self-registered
    stage         TEXT NOT NULL CHECK (stage IN ('invited', 'submitted', 'returned', 'approved', 'issued', 'rejected', 'denied')),
    version       BIGINT NOT NULL,                         -- grows with each change; an update names the one it read
    name          TEXT NOT NULL,
    nip           TEXT NOT NULL,
    position      TEXT NOT NULL,
    unit          TEXT NOT NULL,
    email         TEXT NOT NULL,
    letter        TEXT NOT NULL,                           -- number of the recommendation letter
    evidence      TEXT NOT NULL,                           -- id of the file given as evidence
    evidence_hash BLOB NOT NULL,
    confirmed_at  BIGINT NOT NULL,
    submitted_at  BIGINT NOT NULL,
    approver1     TEXT REFERENCES person (id),
    approval1     BLOB,                                    -- SHA-256 of what this approver saw
    approver2     TEXT REFERENCES person (id),
    approval2     BLOB,
    claimed_until BIGINT NOT NULL,                         -- somebody is issuing until then
    serial        TEXT NOT NULL,
    certificate   BLOB,
    not_before    BIGINT NOT NULL,
    not_after     BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    -- Two persons, neither of them the one who registered nor the one who applies; not only the service says so.
    CHECK (approver1 IS NULL OR (approver1 <> registrant AND approver1 <> person)),
    CHECK (approver2 IS NULL OR (approver1 IS NOT NULL AND approver2 <> approver1 AND approver2 <> registrant AND approver2 <> person)),
    CHECK (stage NOT IN ('approved', 'issued') OR (approver2 IS NOT NULL AND approval1 IS NOT NULL AND approval1 = approval2)),
    CHECK (stage NOT IN ('submitted', 'returned', 'approved', 'issued') OR (confirmed_at > 0 AND submitted_at > 0 AND evidence <> '')),
    CHECK (stage <> 'issued' OR (serial <> '' AND certificate IS NOT NULL))
);
CREATE UNIQUE INDEX application_open ON application (person) WHERE stage IN ('invited', 'submitted', 'returned', 'approved');
CREATE INDEX application_person ON application (person, created_at);
CREATE INDEX application_queue ON application (organisation, stage, updated_at);

CREATE TABLE application_step (
    application TEXT NOT NULL REFERENCES application (id),
    seq         BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    actor_name  TEXT NOT NULL,
    action      TEXT NOT NULL,
    reasons     TEXT NOT NULL,                             -- space separated
    note        TEXT NOT NULL,
    PRIMARY KEY (application, seq)
);

CREATE TABLE evidence (
    id          TEXT PRIMARY KEY,
    application TEXT NOT NULL REFERENCES application (id),
    name        TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    size        BIGINT NOT NULL,
    sha256      BLOB NOT NULL,
    sealed      BLOB NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX evidence_application ON evidence (application);
