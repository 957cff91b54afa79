-- +goose Up
CREATE TABLE audit_leaf (
    n    BIGINT PRIMARY KEY,
    leaf BLOB NOT NULL
);

CREATE TABLE audit_hash (
    i    BIGINT PRIMARY KEY,               -- stored hash index of the tree
    hash BLOB NOT NULL
);
