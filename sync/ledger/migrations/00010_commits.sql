-- +goose NO TRANSACTION
-- +goose Up
-- One row per committed group. A COMMIT whose answer was lost is settled by inserting its token again.
CREATE TABLE IF NOT EXISTS commits (
  token BINARY(16)  NOT NULL,
  at    DATETIME(6) NOT NULL,
  PRIMARY KEY (token)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
