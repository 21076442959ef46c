package ledger

import (
	"fmt"
	"strings"
)

// The two users of the ledger.
const (
	MigrateUser = "faturad_migrate" // creates and alters tables; for faturad migrate only
	DailyUser   = "faturad"         // everything else: no DELETE, no DDL, no UPDATE of what must not change
)

// privilege is what stands in GRANT what ON table.
type privilege struct{ what, table string }

// migratePrivileges need no table yet.
var migratePrivileges = []privilege{{"SELECT, INSERT, UPDATE, CREATE, ALTER, INDEX", "*"}}

// dailyPrivileges are all that a running faturad may do. SELECT and INSERT are for every table; UPDATE for the columns
// that move. There is none on attempts, answer_events, payloads, audit, birth and commits, on identities that name a document, nor on the
// bytes of received invoices and their files.
var dailyPrivileges = []privilege{
	{"SELECT, INSERT", "*"},
	{"UPDATE (" + strings.Join([]string{
		"state", "superseded", "ettn",
		"sale_number", "sale_hash", "changed", "convention", "buyer_tax_no", "buyer_name", "currency", "payable", "issue_date", "moved_from",
		"account", "provider", "route_kind", "route_alias", "route_prefix", "route_draft", "route_email", "content_type", "payload_hash",
		"number", "provider_id", "assigned_ettn", "legal_step", "loose", "mail_state", "mail_address", "mail_at", "mail_asked", "mail_next_at", "provider_status", "envelope_status", "code", "message", "advice",
		"attempts", "failures", "next_at", "unknown_since", "quarantine_until", "was_unknown", "probe_first",
		"lease_owner", "lease_epoch", "lease_token", "lease_until",
		"version", "written_version", "write_seq", "write_noted", "write_run", "write_failures", "write_next_at", "write_message", "updated_at", "sent_at", "final_at",
	}, ", ") + ")", "documents"},
	{"UPDATE (number, sender_tax_no, sender_title, scenario, type, issue_date, currency, payable, state, reason, failures, next_at, " +
		"lease_owner, lease_epoch, lease_token, lease_until, projected_at, acked_at)", "received"},
	{"UPDATE (state, accept, reason, person, code, message, advice, attempts, failures, next_at, quarantine_until, " +
		"lease_owner, lease_epoch, lease_token, lease_until, version, written_version, written_day, write_failures, write_next_at, updated_at, final_at)", "answers"},
	{"UPDATE (state, failures, reason, next_at)", "received_fetches"},
	{"UPDATE (account, failures, reason, next_at)", "received_misses"},
	{"UPDATE (state, size, sha256, problem, message, failures, next_at, lease_owner, lease_epoch, lease_token, lease_until, shown, show_next_at, " +
		"stored_at, verified_at, early)", "files"},
	{"UPDATE (below)", "file_cursors"},
	{"UPDATE (code, counts, state, number, buyer_tax_no, buyer_name, issue_date, currency, payable, texts, local_reference, message, failures, next_at, shown)", "elsewhere"},
	{"UPDATE (at)", "marks"},
	{"UPDATE (since, over_at, message, advice)", "alarms"},
	{"UPDATE (erp, vkn, retired)", "identities"},
	{"UPDATE", "registry_lists"},
	{"UPDATE", "registry_mailboxes"},
	{"UPDATE", "registry_code_lists"},
	{"UPDATE", "registry_codes"},
}

// GrantsMigrate gives the statements that create the user of faturad migrate. An administrator runs them first.
func GrantsMigrate(database, host string) []string {
	return grants(MigrateUser, database, host, migratePrivileges)
}

// GrantsDaily gives the statements that create the user of everything else. They name tables and columns, so they run
// after faturad migrate.
func GrantsDaily(database, host string) []string {
	return grants(DailyUser, database, host, dailyPrivileges)
}

// Grants gives both, in the order of running them, for the tables of database and logins from host ("localhost", "%").
// <password> is for the administrator to fill in. They may be repeated.
func Grants(database, host string) []string {
	return append(GrantsMigrate(database, host), GrantsDaily(database, host)...)
}

func grants(user, database, host string, list []privilege) []string {
	account := quoted(user) + "@" + quoted(host)
	out := []string{"CREATE USER IF NOT EXISTS " + account + " IDENTIFIED BY '<password>'"}
	for _, p := range list {
		table := p.table
		if table != "*" {
			table = ident(table)
		}
		out = append(out, fmt.Sprintf("GRANT %s ON %s.%s TO %s", p.what, ident(database), table, account))
	}
	return out
}

// quoted is s as an SQL string; ident is s as a name.
func quoted(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(s) + "'" }
func ident(s string) string  { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }
