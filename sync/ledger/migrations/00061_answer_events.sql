-- +goose NO TRANSACTION
-- +goose Up
-- Append-only: what was tried to bring an answer to the provider, opened (the intent) and closed (its outcome).
CREATE TABLE IF NOT EXISTS answer_events (
  id          BIGINT       NOT NULL AUTO_INCREMENT,
  answer_id   BIGINT       NOT NULL,
  attempt     INT          NOT NULL,
  operation   VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  opened      BOOLEAN      NOT NULL,
  accept      BOOLEAN      NULL,
  class       VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  http_status INT          NOT NULL,
  message     TEXT         NOT NULL,
  answer      LONGBLOB     NULL,
  owner       VARCHAR(128) NOT NULL,
  at          DATETIME(6)  NOT NULL,
  PRIMARY KEY (id),
  KEY answer (answer_id, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
