-- +goose NO TRANSACTION
-- +goose Up
-- Incoming invoices that the provider lists and did not give: how many passes failed, since when, and when to ask again.
CREATE TABLE IF NOT EXISTS received_misses (
  company  VARCHAR(64) NOT NULL,
  ettn     CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account  VARCHAR(64) NOT NULL,
  failures INT         NOT NULL,
  reason   TEXT        NOT NULL,
  first_at DATETIME(6) NOT NULL,
  next_at  DATETIME(6) NOT NULL,
  PRIMARY KEY (company, ettn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
