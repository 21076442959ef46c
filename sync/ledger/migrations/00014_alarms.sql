-- +goose NO TRANSACTION
-- +goose Up
-- What is wrong now, or was a while ago: one row for each thing that can be, of a company or (empty) of all.
CREATE TABLE IF NOT EXISTS alarms (
  company VARCHAR(64)  NOT NULL,
  name    VARCHAR(190) NOT NULL,
  since   DATETIME(6)  NOT NULL,
  over_at DATETIME(6)  NULL,
  message TEXT         NOT NULL,
  advice  TEXT         NOT NULL,
  PRIMARY KEY (company, name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
