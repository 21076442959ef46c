-- +goose NO TRANSACTION
-- +goose Up
-- Append-only: documents under keys of ours that the provider listed, and that this ledger did not know as sent, because it was
-- restored. A row has done its part when documents knows the key as sent.
CREATE TABLE IF NOT EXISTS forgotten (
  id          BIGINT       NOT NULL AUTO_INCREMENT,
  company     VARCHAR(64)  NOT NULL,
  account     VARCHAR(64)  NOT NULL,
  ettn        CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  provider_id VARCHAR(190) NOT NULL,
  number      VARCHAR(64)  NOT NULL,
  issue_date  DATE         NULL,
  found_at    DATETIME(6)  NOT NULL,
  PRIMARY KEY (id),
  KEY ettn (company, ettn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
