-- The mailboxes of e-invoice taxpayers, two slots per list; a row belongs to the list only when its generation is the one in use.
-- +goose Up
CREATE TABLE IF NOT EXISTS registry_mailboxes (
  list_id       SMALLINT UNSIGNED NOT NULL,
  slot          TINYINT UNSIGNED NOT NULL,
  tax_no        VARCHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  alias         VARCHAR(250) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  generation    INT UNSIGNED NOT NULL COMMENT 'of the import that wrote the row last',
  title         VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  public_sector TINYINT(1) NOT NULL DEFAULT 0,
  since         DATE NULL,
  PRIMARY KEY (list_id, slot, tax_no, alias)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 ROW_FORMAT=DYNAMIC;

-- +goose Down
DROP TABLE registry_mailboxes;
