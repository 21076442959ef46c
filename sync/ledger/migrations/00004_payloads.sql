-- +goose NO TRANSACTION
-- +goose Up
-- What was (to be) sent, compressed. Every preparation adds a row; none is ever changed.
CREATE TABLE IF NOT EXISTS payloads (
  id           BIGINT       NOT NULL AUTO_INCREMENT,
  document_id  BIGINT       NOT NULL,
  hash         VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  content_type VARCHAR(100) NOT NULL,
  packed       LONGBLOB     NOT NULL,
  created_at   DATETIME(6)  NOT NULL,
  PRIMARY KEY (id),
  KEY document (document_id, hash, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
