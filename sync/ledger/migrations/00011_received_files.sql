-- +goose NO TRANSACTION
-- +goose Up
-- Files of incoming invoices beside the bytes that came first: PDFs, and UBL that was fetched again and differs. Rows are
-- only ever added.
CREATE TABLE IF NOT EXISTS received_files (
  company   VARCHAR(64) NOT NULL,
  ettn      CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  format    VARCHAR(8)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  hash      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  content   LONGBLOB    NOT NULL,
  stored_at DATETIME(6) NOT NULL,
  PRIMARY KEY (company, ettn, format, hash)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
