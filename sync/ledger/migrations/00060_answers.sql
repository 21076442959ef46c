-- +goose NO TRANSACTION
-- +goose Up
-- One row per incoming commercial invoice: the answer that it waits for, or got. A person's decision is kept with its own
-- intent and outcome (answer_events); code is the provider's status of the invoice.
CREATE TABLE IF NOT EXISTS answers (
  id               BIGINT       NOT NULL AUTO_INCREMENT,
  company          VARCHAR(64)  NOT NULL,
  account          VARCHAR(64)  NOT NULL,
  received_id      BIGINT       NOT NULL,
  ettn             CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state            VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  accept           BOOLEAN      NULL,
  reason           TEXT         NOT NULL,
  person           VARCHAR(190) NOT NULL DEFAULT '',
  till             DATE         NOT NULL,
  code             INT          NULL,
  message          TEXT         NOT NULL,
  advice           TEXT         NOT NULL,
  attempts         INT          NOT NULL DEFAULT 0,
  failures         INT          NOT NULL DEFAULT 0,
  next_at          DATETIME(6)  NOT NULL,
  quarantine_until DATETIME(6)  NULL,
  lease_owner      VARCHAR(128) NOT NULL DEFAULT '',
  lease_epoch      BIGINT       NOT NULL DEFAULT 0,
  lease_token      BIGINT       NOT NULL DEFAULT 0,
  lease_until      DATETIME(6)  NULL,
  version          BIGINT       NOT NULL DEFAULT 1,
  written_version  BIGINT       NOT NULL DEFAULT 0,
  written_day      DATE         NULL,
  write_failures   INT          NOT NULL DEFAULT 0,
  write_next_at    DATETIME(6)  NULL,
  created_at       DATETIME(6)  NOT NULL,
  updated_at       DATETIME(6)  NOT NULL,
  final_at         DATETIME(6)  NULL,
  PRIMARY KEY (id),
  UNIQUE KEY ettn (company, ettn),
  KEY work (company, state, next_at, id),
  KEY received (company, received_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
