// Package web is the admin page, the metrics and the health checks: a few server-rendered pages on loopback, behind a
// token. It reads the ledger and may start a pass; it never changes a document, never shows a secret, and never talks to
// an ERP or a provider. internal/app's caller opens it.
package web
