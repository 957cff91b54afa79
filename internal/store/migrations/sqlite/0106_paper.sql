-- +goose Up
-- What the holder of a paper compares, as the signer stated it, and how many pages the engine counted (0: not counted).
ALTER TABLE document ADD COLUMN number TEXT NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN pages BIGINT NOT NULL DEFAULT 0;

-- The first page as a picture: wanted by the owner and not yet drawn, shown, or why there is none.
ALTER TABLE document ADD COLUMN picture TEXT NOT NULL DEFAULT '' CHECK (picture IN ('', 'wanted', 'shown', 'private', 'failed'));
CREATE INDEX document_wanted ON document (signed_at) WHERE picture = 'wanted';

-- What the owner said of it later. Each is said once and never taken back.
ALTER TABLE document ADD COLUMN withdrawn_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE document ADD COLUMN withdrawn_why TEXT NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN withdrawn_note TEXT NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN superseded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE document ADD COLUMN successor TEXT REFERENCES document (code);
