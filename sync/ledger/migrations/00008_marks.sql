-- +goose NO TRANSACTION
-- +goose Up
-- When something ran last.
CREATE TABLE IF NOT EXISTS marks (
  name VARCHAR(190) NOT NULL,
  at   DATETIME(6)  NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
