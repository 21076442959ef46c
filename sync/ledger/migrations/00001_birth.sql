-- +goose NO TRANSACTION
-- +goose Up
-- When this ledger was created: sales older than it may have been issued by a lost one.
CREATE TABLE IF NOT EXISTS birth (
  id         TINYINT     NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
