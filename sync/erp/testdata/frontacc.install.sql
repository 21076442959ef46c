-- faturad's own tables beside FrontAccounting's.
CREATE TABLE IF NOT EXISTS efatura_status (
  type INT NOT NULL, trans_no INT NOT NULL,
  status VARCHAR(40) NULL, number VARCHAR(16) NULL, ettn CHAR(36) NULL, kind VARCHAR(16) NULL,
  message TEXT NULL, advice TEXT NULL, sent_at DATETIME NULL, updated_at DATETIME NULL,
  PRIMARY KEY (type, trans_no)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE IF NOT EXISTS efatura_gelen (
  ettn CHAR(36) NOT NULL PRIMARY KEY, number VARCHAR(20) NULL, seller_tax_no VARCHAR(11) NULL, seller_name VARCHAR(255) NULL,
  issue_date DATE NULL, currency CHAR(3) NULL, payable DECIMAL(18,2) NULL, status VARCHAR(40) NULL, arrived_at DATETIME NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE IF NOT EXISTS efatura_gelen_satir (
  ettn CHAR(36) NOT NULL, line_no INT NOT NULL, name VARCHAR(255) NULL, quantity DECIMAL(24,8) NULL, unit VARCHAR(10) NULL,
  unit_price DECIMAL(24,8) NULL, net DECIMAL(18,2) NULL, vat_rate DECIMAL(6,2) NULL, vat DECIMAL(18,2) NULL,
  PRIMARY KEY (ettn, line_no)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE IF NOT EXISTS efatura_gelen_dosya (
  ettn CHAR(36) NOT NULL, format VARCHAR(8) NOT NULL, name VARCHAR(255) NULL, content LONGBLOB NULL,
  PRIMARY KEY (ettn, format)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
