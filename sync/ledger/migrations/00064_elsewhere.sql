-- +goose NO TRANSACTION
-- +goose Up
-- Invoices of the company that were made past faturad, in the provider's portal: what their UBL says, and the sale that they
-- belong to when that is sure.
CREATE TABLE IF NOT EXISTS elsewhere (
  id              BIGINT         NOT NULL AUTO_INCREMENT,
  company         VARCHAR(64)    NOT NULL,
  account         VARCHAR(64)    NOT NULL,
  ettn            CHAR(36)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind            VARCHAR(16)    NOT NULL DEFAULT '',
  state           VARCHAR(16)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code            INT            NOT NULL DEFAULT 0,
  counts          BOOLEAN        NOT NULL DEFAULT TRUE,
  number          VARBINARY(64)  NOT NULL DEFAULT '',
  buyer_tax_no    VARCHAR(32)    NOT NULL DEFAULT '',
  buyer_name      VARCHAR(500)   NOT NULL DEFAULT '',
  issue_date      DATE           NULL,
  currency        VARCHAR(8)     NOT NULL DEFAULT '',
  payable         DECIMAL(24,8)  NULL,
  texts           TEXT           NOT NULL,
  local_reference VARBINARY(512) NOT NULL DEFAULT '',
  message         TEXT           NOT NULL,
  failures        INT            NOT NULL DEFAULT 0,
  next_at         DATETIME(6)    NOT NULL,
  shown           BOOLEAN        NOT NULL DEFAULT FALSE,
  found_at        DATETIME(6)    NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY ettn (company, ettn),
  KEY buyer (company, buyer_tax_no),
  KEY work (company, state, next_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
