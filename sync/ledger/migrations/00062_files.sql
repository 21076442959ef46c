-- +goose NO TRANSACTION
-- +goose Up
-- One row per file of the archive: what is wanted, and what was stored with its size and SHA-256. Rows and files are never
-- deleted by faturad.
CREATE TABLE IF NOT EXISTS files (
  id            BIGINT         NOT NULL AUTO_INCREMENT,
  company       VARCHAR(64)    NOT NULL,
  account       VARCHAR(64)    NOT NULL,
  direction     VARCHAR(3)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  document_id   BIGINT         NOT NULL DEFAULT 0,
  received_id   BIGINT         NOT NULL DEFAULT 0,
  ettn          CHAR(36)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind          VARCHAR(16)    NOT NULL DEFAULT '',
  format        VARCHAR(8)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  path          VARBINARY(255) NOT NULL,
  issued_on     DATE           NOT NULL,
  state         VARCHAR(16)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  size          BIGINT         NOT NULL DEFAULT 0,
  sha256        VARCHAR(64)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  problem       VARCHAR(16)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  message       TEXT           NOT NULL,
  failures      INT            NOT NULL DEFAULT 0,
  next_at       DATETIME(6)    NOT NULL,
  lease_owner   VARCHAR(128)   NOT NULL DEFAULT '',
  lease_epoch   BIGINT         NOT NULL DEFAULT 0,
  lease_token   BIGINT         NOT NULL DEFAULT 0,
  lease_until   DATETIME(6)    NULL,
  shown         BOOLEAN        NOT NULL DEFAULT FALSE,
  show_next_at  DATETIME(6)    NULL,
  created_at    DATETIME(6)    NOT NULL,
  stored_at     DATETIME(6)    NULL,
  verified_at   DATETIME(6)    NULL,
  PRIMARY KEY (id),
  UNIQUE KEY `file` (company, direction, ettn, format),
  KEY work (company, state, next_at, id),
  KEY month (company, issued_on, id),
  KEY showing (company, shown, state, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
