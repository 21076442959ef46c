-- What faturad needs in Dolibarr 22: extra fields of invoices and third parties, and tables of its own.
-- Run once as the database's administrator; running it again changes nothing. MySQL and MariaDB.

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{p}facture_extrafields' AND COLUMN_NAME = 'efatura_durum') = 0,
  'ALTER TABLE {p}facture_extrafields ADD COLUMN efatura_durum VARCHAR(32) NULL', 'DO 0');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
INSERT IGNORE INTO {p}extrafields (elementtype, name, entity, label, type, size, pos, alwayseditable, list, enabled)
VALUES ('facture', 'efatura_durum', {entity}, 'e-Fatura durumu', 'varchar', '32', 10, 1, '1', '1');

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{p}facture_extrafields' AND COLUMN_NAME = 'efatura_no') = 0,
  'ALTER TABLE {p}facture_extrafields ADD COLUMN efatura_no VARCHAR(16) NULL', 'DO 0');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
INSERT IGNORE INTO {p}extrafields (elementtype, name, entity, label, type, size, pos, alwayseditable, list, enabled)
VALUES ('facture', 'efatura_no', {entity}, 'e-Fatura no', 'varchar', '16', 11, 1, '1', '1');

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{p}facture_extrafields' AND COLUMN_NAME = 'efatura_ettn') = 0,
  'ALTER TABLE {p}facture_extrafields ADD COLUMN efatura_ettn VARCHAR(36) NULL', 'DO 0');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
INSERT IGNORE INTO {p}extrafields (elementtype, name, entity, label, type, size, pos, alwayseditable, list, enabled)
VALUES ('facture', 'efatura_ettn', {entity}, 'ETTN', 'varchar', '36', 12, 1, '1', '1');

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{p}facture_extrafields' AND COLUMN_NAME = 'efatura_tur') = 0,
  'ALTER TABLE {p}facture_extrafields ADD COLUMN efatura_tur VARCHAR(16) NULL', 'DO 0');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
INSERT IGNORE INTO {p}extrafields (elementtype, name, entity, label, type, size, pos, alwayseditable, list, enabled)
VALUES ('facture', 'efatura_tur', {entity}, 'Belge türü', 'varchar', '16', 13, 1, '1', '1');

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{p}facture_extrafields' AND COLUMN_NAME = 'efatura_mesaj') = 0,
  'ALTER TABLE {p}facture_extrafields ADD COLUMN efatura_mesaj TEXT NULL', 'DO 0');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
INSERT IGNORE INTO {p}extrafields (elementtype, name, entity, label, type, size, pos, alwayseditable, list, enabled)
VALUES ('facture', 'efatura_mesaj', {entity}, 'e-Fatura mesajı', 'text', '2000', 14, 1, '1', '1');

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{p}facture_extrafields' AND COLUMN_NAME = 'efatura_oneri') = 0,
  'ALTER TABLE {p}facture_extrafields ADD COLUMN efatura_oneri TEXT NULL', 'DO 0');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
INSERT IGNORE INTO {p}extrafields (elementtype, name, entity, label, type, size, pos, alwayseditable, list, enabled)
VALUES ('facture', 'efatura_oneri', {entity}, 'Ne yapmalı', 'text', '2000', 15, 1, '1', '1');

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{p}facture_extrafields' AND COLUMN_NAME = 'efatura_gonderim') = 0,
  'ALTER TABLE {p}facture_extrafields ADD COLUMN efatura_gonderim DATETIME NULL', 'DO 0');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
INSERT IGNORE INTO {p}extrafields (elementtype, name, entity, label, type, size, pos, alwayseditable, list, enabled)
VALUES ('facture', 'efatura_gonderim', {entity}, 'Gönderim zamanı', 'datetime', '', 16, 1, '1', '1');

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{p}facture_extrafields' AND COLUMN_NAME = 'efatura_tarih') = 0,
  'ALTER TABLE {p}facture_extrafields ADD COLUMN efatura_tarih DATETIME NULL', 'DO 0');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
INSERT IGNORE INTO {p}extrafields (elementtype, name, entity, label, type, size, pos, alwayseditable, list, enabled)
VALUES ('facture', 'efatura_tarih', {entity}, 'e-Fatura güncelleme', 'datetime', '', 17, 1, '1', '1');

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{p}facture_extrafields' AND COLUMN_NAME = 'efatura_eposta') = 0,
  'ALTER TABLE {p}facture_extrafields ADD COLUMN efatura_eposta VARCHAR(255) NULL', 'DO 0');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
INSERT IGNORE INTO {p}extrafields (elementtype, name, entity, label, type, size, pos, alwayseditable, list, enabled)
VALUES ('facture', 'efatura_eposta', {entity}, 'e-Fatura e-postası', 'varchar', '255', 18, 1, '1', '1');

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{p}facture_extrafields' AND COLUMN_NAME = 'efatura_taslak') = 0,
  'ALTER TABLE {p}facture_extrafields ADD COLUMN efatura_taslak TINYINT NULL', 'DO 0');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
INSERT IGNORE INTO {p}extrafields (elementtype, name, entity, label, type, size, pos, alwayseditable, list, enabled)
VALUES ('facture', 'efatura_taslak', {entity}, 'Taslak kalsın', 'boolean', '', 19, 1, '1', '1');

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{p}societe_extrafields' AND COLUMN_NAME = 'vergi_dairesi') = 0,
  'ALTER TABLE {p}societe_extrafields ADD COLUMN vergi_dairesi VARCHAR(80) NULL', 'DO 0');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
INSERT IGNORE INTO {p}extrafields (elementtype, name, entity, label, type, size, pos, alwayseditable, list, enabled)
VALUES ('societe', 'vergi_dairesi', {entity}, 'Vergi Dairesi', 'varchar', '80', 10, 1, '1', '1');

SET @ddl = IF((SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{p}societe_extrafields' AND COLUMN_NAME = 'efatura_alias') = 0,
  'ALTER TABLE {p}societe_extrafields ADD COLUMN efatura_alias VARCHAR(128) NULL', 'DO 0');
PREPARE ddl FROM @ddl;
EXECUTE ddl;
DEALLOCATE PREPARE ddl;
INSERT IGNORE INTO {p}extrafields (elementtype, name, entity, label, type, size, pos, alwayseditable, list, enabled)
VALUES ('societe', 'efatura_alias', {entity}, 'e-Fatura posta kutusu', 'varchar', '128', 11, 1, '1', '1');

-- include: received.part.sql

CREATE TABLE IF NOT EXISTS {p}efatura_istek (
  id BIGINT NOT NULL AUTO_INCREMENT,
  fatura_id BIGINT NOT NULL COMMENT 'llx_facture.rowid',
  islem VARCHAR(20) NOT NULL COMMENT 'resync, release, cancel, reissue veya mail',
  sebep VARCHAR(255) NULL,
  kim VARCHAR(64) NULL,
  sonuc TINYINT NULL COMMENT '1: yapıldı',
  mesaj TEXT NULL,
  yapildi DATETIME NULL,
  PRIMARY KEY (id),
  KEY ix_yapildi (yapildi)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Faturalarla ilgili istekler';
