-- +goose NO TRANSACTION
-- +goose Up
-- By what two sales look alike (buyer, amount, currency, day): a hash for each time a document was prepared while possible
-- duplicates are to be held. Rows are only added; what a document is now stands in documents.
CREATE TABLE IF NOT EXISTS likenesses (
  id          BIGINT      NOT NULL AUTO_INCREMENT,
  company     VARCHAR(64) NOT NULL,
  likeness    BINARY(32)  NOT NULL,
  document_id BIGINT      NOT NULL,
  PRIMARY KEY (id),
  KEY alike (company, likeness, document_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
