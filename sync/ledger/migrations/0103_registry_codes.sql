-- The provider's codes; a row belongs to its list only when its generation is the one in use.
-- +goose Up
CREATE TABLE IF NOT EXISTS registry_codes (
  list_id    SMALLINT UNSIGNED NOT NULL,
  code       VARBINARY(190) NOT NULL COMMENT 'bytes: trailing blanks and case count',
  generation INT UNSIGNED NOT NULL COMMENT 'of the fetch that wrote the row last',
  name       VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  detail     VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  PRIMARY KEY (list_id, code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- +goose Down
DROP TABLE registry_codes;
