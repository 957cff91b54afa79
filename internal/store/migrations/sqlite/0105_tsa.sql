-- +goose Up
-- The latest time that a time-stamp authority may have given out: after a restart it goes on behind that.
CREATE TABLE tsa_mark (
    authority TEXT PRIMARY KEY,
    at        BIGINT NOT NULL
);
