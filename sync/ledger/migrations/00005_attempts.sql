-- +goose NO TRANSACTION
-- +goose Up
-- Append-only: an attempt opened (the intent) or closed (its outcome).
CREATE TABLE IF NOT EXISTS attempts (
  id          BIGINT       NOT NULL AUTO_INCREMENT,
  document_id BIGINT       NOT NULL,
  attempt     INT          NOT NULL,
  operation   VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  opened      BOOLEAN      NOT NULL,
  class       VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  http_status INT          NOT NULL,
  message     TEXT         NOT NULL,
  answer      LONGBLOB     NULL,
  payload_sha VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  owner       VARCHAR(128) NOT NULL,
  at          DATETIME(6)  NOT NULL,
  PRIMARY KEY (id),
  KEY document (document_id, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
