-- +goose NO TRANSACTION
-- +goose Up
-- Append-only: a person decided that an invoice made elsewhere is not that of a sale.
CREATE TABLE IF NOT EXISTS elsewhere_waivers (
  id              BIGINT         NOT NULL AUTO_INCREMENT,
  company         VARCHAR(64)    NOT NULL,
  local_reference VARBINARY(512) NOT NULL,
  ettn            CHAR(36)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  at              DATETIME(6)    NOT NULL,
  PRIMARY KEY (id),
  KEY ettn (company, ettn)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
