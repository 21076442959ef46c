-- +goose NO TRANSACTION
-- +goose Up
-- Files of incoming invoices that are to be fetched after the invoice itself: due, done, or given up.
CREATE TABLE IF NOT EXISTS received_fetches (
  company  VARCHAR(64) NOT NULL,
  ettn     CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  format   VARCHAR(8)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account  VARCHAR(64) NOT NULL,
  state    VARCHAR(8)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  failures INT         NOT NULL,
  reason   TEXT        NOT NULL,
  next_at  DATETIME(6) NOT NULL,
  PRIMARY KEY (company, ettn, format),
  KEY work (company, account, state, next_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
