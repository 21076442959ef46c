-- +goose NO TRANSACTION
-- +goose Up
INSERT IGNORE INTO birth (id, created_at) VALUES (1, UTC_TIMESTAMP(6));
