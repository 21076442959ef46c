-- One row per provider environment and code list: which generation of registry_codes is the list in use.
-- +goose Up
CREATE TABLE IF NOT EXISTS registry_code_lists (
  id          SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  environment VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'base URL of the provider, test or live',
  list        VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  generation  INT UNSIGNED NOT NULL DEFAULT 0 COMMENT '0 = none fetched yet',
  entries     INT UNSIGNED NOT NULL DEFAULT 0,
  fetched_at  DATETIME(6) NULL COMMENT 'UTC',
  PRIMARY KEY (id),
  UNIQUE KEY registry_code_lists_name (environment, list)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- +goose Down
DROP TABLE registry_code_lists;
