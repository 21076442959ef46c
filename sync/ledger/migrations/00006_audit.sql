-- +goose NO TRANSACTION
-- +goose Up
-- Append-only: what people did, and adoptions that nobody asked for.
CREATE TABLE IF NOT EXISTS audit (
  id          BIGINT         NOT NULL AUTO_INCREMENT,
  at          DATETIME(6)    NOT NULL,
  person      VARCHAR(190)   NOT NULL,
  action      VARCHAR(64)    NOT NULL,
  document_id BIGINT         NOT NULL,
  ref         VARBINARY(512) NOT NULL,
  from_state  VARCHAR(16)    NOT NULL,
  to_state    VARCHAR(16)    NOT NULL,
  reason      TEXT           NOT NULL,
  PRIMARY KEY (id),
  KEY document (document_id, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
