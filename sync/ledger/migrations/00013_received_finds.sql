-- +goose NO TRANSACTION
-- +goose Up
-- Incoming invoices whose new flag somebody else had cleared before they were stored here; the sweep found them.
CREATE TABLE IF NOT EXISTS received_finds (
  company  VARCHAR(64) NOT NULL,
  ettn     CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account  VARCHAR(64) NOT NULL,
  found_at DATETIME(6) NOT NULL,
  PRIMARY KEY (company, ettn),
  KEY found (company, found_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
