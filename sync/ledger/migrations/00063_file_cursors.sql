-- +goose NO TRANSACTION
-- +goose Up
-- Up to which row everything that can be archived has been entered into files; one cursor per company, direction and format.
CREATE TABLE IF NOT EXISTS file_cursors (
  name  VARCHAR(190) NOT NULL,
  below BIGINT       NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
