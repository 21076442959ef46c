-- Incoming invoices, their lines, taxes, files and answers, and the sign of life of the service.
CREATE TABLE IF NOT EXISTS {p}efatura_gelen (
  ettn CHAR(36) NOT NULL COMMENT 'Faturanın evrensel numarası',
  fatura_no VARCHAR(20) NULL COMMENT 'Gönderenin fatura numarası',
  gonderen_vkn VARCHAR(11) NULL COMMENT 'Gönderenin VKN veya TCKN''si',
  gonderen_unvan VARCHAR(255) NULL COMMENT 'Gönderenin unvanı veya adı soyadı',
  gonderen_vergi_dairesi VARCHAR(100) NULL,
  senaryo VARCHAR(30) NULL COMMENT 'TEMELFATURA, TICARIFATURA ...',
  fatura_tipi VARCHAR(30) NULL COMMENT 'SATIS, IADE ...',
  fatura_tarihi DATE NULL,
  fatura_saati TIME NULL,
  para_birimi CHAR(3) NULL,
  kur DECIMAL(18,6) NULL COMMENT '1 birim kaç TL',
  mal_hizmet_tutari DECIMAL(18,2) NULL,
  matrah DECIMAL(18,2) NULL COMMENT 'Vergiler hariç toplam',
  kdv DECIMAL(18,2) NULL,
  tevkifat DECIMAL(18,2) NULL,
  vergiler_dahil DECIMAL(18,2) NULL,
  odenecek DECIMAL(18,2) NULL,
  fatura_notu TEXT NULL,
  siparis_no VARCHAR(100) NULL,
  irsaliye_no VARCHAR(255) NULL,
  satir_sayisi INT NULL,
  durum VARCHAR(40) NULL COMMENT 'Durum',
  mesaj TEXT NULL COMMENT 'Açıklama',
  oneri TEXT NULL COMMENT 'Ne yapmalı',
  yanit_son_gun DATE NULL COMMENT 'Ticari faturada yanıt için son gün',
  gelis_tarihi DATETIME NULL,
  guncelleme DATETIME NULL,
  PRIMARY KEY (ettn),
  KEY ix_tarih (fatura_tarihi),
  KEY ix_gonderen (gonderen_vkn, fatura_no)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Gelen e-faturalar';

CREATE TABLE IF NOT EXISTS {p}efatura_gelen_satir (
  ettn CHAR(36) NOT NULL,
  sira INT NOT NULL,
  urun_kodu VARCHAR(100) NULL,
  alici_kodu VARCHAR(100) NULL,
  ad VARCHAR(255) NULL COMMENT 'Mal veya hizmet',
  aciklama TEXT NULL,
  miktar DECIMAL(24,8) NULL,
  birim VARCHAR(10) NULL COMMENT 'UN/ECE kodu, C62 = adet',
  birim_fiyat DECIMAL(24,8) NULL,
  indirim DECIMAL(18,2) NULL,
  tutar DECIMAL(18,2) NULL,
  kdv_orani DECIMAL(6,2) NULL,
  kdv DECIMAL(18,2) NULL,
  istisna_kodu VARCHAR(10) NULL,
  PRIMARY KEY (ettn, sira)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Gelen e-fatura satırları';

CREATE TABLE IF NOT EXISTS {p}efatura_gelen_vergi (
  ettn CHAR(36) NOT NULL,
  sira INT NOT NULL,
  tevkifat TINYINT NOT NULL DEFAULT 0 COMMENT '1: alıcının kestiği KDV',
  vergi_kodu VARCHAR(10) NULL COMMENT '0015 = KDV',
  vergi_adi VARCHAR(100) NULL,
  matrah DECIMAL(18,2) NULL,
  oran DECIMAL(9,4) NULL,
  tutar DECIMAL(18,2) NULL,
  istisna_kodu VARCHAR(10) NULL,
  istisna_sebebi VARCHAR(255) NULL,
  PRIMARY KEY (ettn, sira)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Gelen e-fatura vergileri';

CREATE TABLE IF NOT EXISTS {p}efatura_gelen_taraf (
  ettn CHAR(36) NOT NULL,
  rol VARCHAR(20) NOT NULL COMMENT 'seller satan, buyer alan, buyer_customer asıl alıcı, representative aracı',
  vkn VARCHAR(20) NULL COMMENT 'VKN veya TCKN',
  unvan VARCHAR(255) NULL,
  vergi_dairesi VARCHAR(100) NULL,
  adres VARCHAR(255) NULL,
  ilce VARCHAR(100) NULL,
  il VARCHAR(100) NULL,
  posta_kodu VARCHAR(20) NULL,
  ulke VARCHAR(60) NULL,
  eposta VARCHAR(255) NULL,
  telefon VARCHAR(60) NULL,
  kimlikler VARCHAR(255) NULL COMMENT 'MERSISNO=... gibi diğer numaralar',
  PRIMARY KEY (ettn, rol)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Gelen e-faturaların tarafları';

CREATE TABLE IF NOT EXISTS {p}efatura_gelen_referans (
  ettn CHAR(36) NOT NULL,
  sira INT NOT NULL,
  tur VARCHAR(20) NULL COMMENT 'order sipariş, despatch irsaliye, return iade edilen, contract sözleşme',
  belge_no VARCHAR(100) NULL,
  tarih DATE NULL,
  PRIMARY KEY (ettn, sira)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Gelen e-faturaların andığı belgeler';

CREATE TABLE IF NOT EXISTS {p}efatura_gelen_dosya (
  ettn CHAR(36) NOT NULL,
  bicim VARCHAR(8) NOT NULL COMMENT 'ubl, html, pdf',
  ad VARCHAR(255) NULL,
  boyut INT NULL,
  sha256 CHAR(64) NULL,
  yol VARCHAR(255) NULL,
  icerik LONGBLOB NULL,
  PRIMARY KEY (ettn, bicim)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Gelen e-faturaların dosyaları';

CREATE TABLE IF NOT EXISTS {p}efatura_yanit (
  id BIGINT NOT NULL AUTO_INCREMENT,
  ettn CHAR(36) NOT NULL COMMENT 'Gelen fatura',
  yanit VARCHAR(10) NOT NULL COMMENT 'accept veya reject',
  sebep VARCHAR(255) NULL,
  kim VARCHAR(64) NULL,
  sonuc TINYINT NULL COMMENT '1: yapıldı',
  mesaj TEXT NULL,
  yapildi DATETIME NULL,
  PRIMARY KEY (id),
  KEY ix_yapildi (yapildi)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Gelen ticari faturalara yanıtlar';

CREATE TABLE IF NOT EXISTS {p}efatura_gelen_yanit (
  ettn CHAR(36) NOT NULL COMMENT 'Gelen ticari fatura',
  durum_kodu VARCHAR(16) NULL COMMENT 'Durum, programlar için: open, sent, accepted, rejected, lapsed ...',
  durum VARCHAR(40) NULL COMMENT 'Durum',
  yanit VARCHAR(10) NULL COMMENT 'accept veya reject',
  sebep TEXT NULL,
  yanitlayan VARCHAR(190) NULL COMMENT 'Kim yanıtladı',
  son_gun DATE NULL COMMENT 'Yanıt için son gün',
  kalan_gun INT NULL COMMENT 'Kalan gün; 0 = bugün son gün, boş = iş kalmadı',
  mesaj TEXT NULL COMMENT 'Ne oldu',
  oneri TEXT NULL COMMENT 'Ne yapmalı',
  guncelleme DATETIME NULL,
  PRIMARY KEY (ettn),
  KEY ix_kalan (kalan_gun)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Gelen ticari faturaların yanıtları';

CREATE TABLE IF NOT EXISTS {p}efatura_dosya (
  tur VARCHAR(32) NOT NULL COMMENT 'Belge türü (ayardaki document)',
  anahtar VARCHAR(190) NOT NULL COMMENT 'Satışın anahtarı',
  bicim VARCHAR(8) NOT NULL COMMENT 'ubl, html, pdf',
  ettn CHAR(36) NULL,
  fatura_no VARCHAR(20) NULL,
  ad VARCHAR(255) NULL,
  yol VARCHAR(500) NULL COMMENT 'Dosyanın yeri',
  boyut INT NULL,
  sha256 CHAR(64) NULL,
  PRIMARY KEY (tur, anahtar, bicim)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Giden e-faturaların dosyaları';

CREATE TABLE IF NOT EXISTS {p}efatura_disarida (
  ettn CHAR(36) NOT NULL,
  fatura_no VARCHAR(20) NULL,
  tur VARCHAR(10) NULL COMMENT 'e-fatura, e-arsiv',
  alici_vkn VARCHAR(11) NULL,
  alici_unvan VARCHAR(255) NULL,
  fatura_tarihi DATE NULL,
  para_birimi CHAR(3) NULL,
  odenecek DECIMAL(18,2) NULL,
  saglayici_durumu INT NULL,
  gecerli TINYINT NULL COMMENT '0: hatalı ya da iptal',
  referans VARCHAR(255) NULL COMMENT 'Kesin eşleşen satışın referansı',
  bulundu DATETIME NULL,
  PRIMARY KEY (ettn)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Entegratörün portalında elle kesilen faturalar';

CREATE TABLE IF NOT EXISTS {p}efatura_servis (
  sirket VARCHAR(64) NOT NULL,
  surum VARCHAR(40) NULL,
  makine VARCHAR(64) NULL,
  son_gorulme DATETIME NULL COMMENT 'Bu saat eskiyse servis durmuş demektir',
  son_basarili DATETIME NULL,
  bekleyen INT NULL,
  incelenecek INT NULL,
  en_eski DATETIME NULL COMMENT 'En eski bekleyen belge',
  mesaj TEXT NULL,
  PRIMARY KEY (sirket)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='faturad servisinin yaşam belirtisi';
