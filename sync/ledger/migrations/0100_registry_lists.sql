-- One row per provider environment: which slot and generation of registry_mailboxes is the list in use.
-- +goose Up
CREATE TABLE IF NOT EXISTS registry_lists (
  id              SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  environment     VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'base URL of the provider, test or live',
  slot            TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'slot in use',
  generation      INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'generation in use; 0 = none imported yet',
  last_generation INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'highest generation begun; fences a slow importer off',
  mailboxes       INT UNSIGNED NOT NULL DEFAULT 0,
  taxpayers       INT UNSIGNED NOT NULL DEFAULT 0,
  imported_at     DATETIME(6) NULL COMMENT 'UTC',
  tried_at        DATETIME(6) NULL COMMENT 'UTC, begin of the last import',
  importing_until DATETIME(6) NULL COMMENT 'UTC; NULL = nobody imports',
  PRIMARY KEY (id),
  UNIQUE KEY registry_lists_environment (environment)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- +goose Down
DROP TABLE registry_lists;
