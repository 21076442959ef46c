-- +goose NO TRANSACTION
-- +goose Up
-- What goes into ETTNs and must never be renamed: erp.id, seller VKN and the key spaces of each company.
CREATE TABLE IF NOT EXISTS identities (
  company   VARCHAR(64) NOT NULL,
  key_space VARCHAR(64) NOT NULL,
  erp       VARCHAR(64) NOT NULL,
  vkn       VARCHAR(32) NOT NULL,
  retired   BOOLEAN     NOT NULL DEFAULT FALSE,
  pinned_at DATETIME(6) NOT NULL,
  PRIMARY KEY (company, key_space)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
