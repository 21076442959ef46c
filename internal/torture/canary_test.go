package torture

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	octets "encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"faturad/internal/dbtest"
	"faturad/internal/mysqlx"
)

// canary is a secret of the stage in every form in which it could get out. Nothing that faturad prints or stores may hold one
// (I10). The books do not show that, so it is not the auditor who looks, but this harness, after every round.
type canary struct {
	name  string // of the file that holds it
	forms []string
}

// guard makes a secret a canary; of an address only the password is one.
func (w *world) guard(name, secret string) {
	if strings.HasSuffix(name, ".dsn") {
		_, _, password, _, err := mysqlx.SplitDSN(secret)
		if err != nil {
			w.t.Fatal(err)
		}
		secret = password
	}
	if w.canaries[secret] == nil {
		w.canaries[secret] = &canary{name, written(secret)}
	}
}

// guardTokens makes the tokens of the provider's sessions canaries.
func (w *world) guardTokens() {
	for _, token := range w.office.tokens() {
		w.guard("session token", token)
	}
}

// written is how a secret may stand in a text: as it is, percent-encoded, in hex, and in base64, wherever in the encoded text it
// begins ("user:password").
func written(secret string) []string {
	inHex := hex.EncodeToString([]byte(secret))
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), inHex, strings.ToUpper(inHex)}
	for before := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := encoding.EncodeToString([]byte("abc"[:before] + secret))
			forms = append(forms, text[(before*8+5)/6:(before+len(secret))*8/6]) // its first and last letter may belong to its neighbours, too
		}
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// overhear keeps what was said for the judgement.
func (w *world) overhear(some ...[]byte) {
	for _, text := range some {
		_, _ = w.heard.Write(text) // it never fails
	}
}

// judgeSecrets looks for canaries in all that was said and written since the last judgement.
func (w *world) judgeSecrets(complain func(string, ...any)) {
	w.t.Helper()
	w.guardTokens()
	w.processes = slices.DeleteFunc(w.processes, func(p *process) bool {
		w.overhear([]byte(p.text.String()))
		return p.ended()
	})
	for where, text := range map[string]string{"what faturad printed": w.heard.take(), "the ledger": w.texts(w.ledger), "the ERP": w.texts(w.erp)} {
		for _, c := range w.canaries {
			if i := slices.IndexFunc(c.forms, func(form string) bool { return strings.Contains(text, form) }); i >= 0 {
				complain("I10 %s shows the secret of %s (form %d of %d)", where, c.name, i+1, len(c.forms))
			}
		}
	}
}

// texts is every text of a database, and every answer of a provider that the ledger keeps.
func (w *world) texts(d *dbtest.Database) string {
	w.t.Helper()
	if w.reading[d] == "" {
		w.reading[d] = w.readingTexts(d)
	}
	var rows [][]byte
	if err := d.DB().SelectContext(w.t.Context(), &rows, w.reading[d]); err != nil {
		w.t.Fatal(err)
	}
	if d != w.ledger {
		return string(bytes.Join(rows, []byte("\n")))
	}
	var answers [][]byte
	const query = "SELECT answer FROM attempts WHERE answer IS NOT NULL UNION ALL SELECT answer FROM answer_events WHERE answer IS NOT NULL"
	if err := d.DB().SelectContext(w.t.Context(), &answers, query); err != nil {
		w.t.Fatal(err)
	}
	for _, answer := range answers {
		text, err := unpack(answer)
		if err != nil {
			w.t.Errorf("an answer that the ledger keeps cannot be read: %v", err)
		}
		rows = append(rows, text)
	}
	return string(bytes.Join(rows, []byte("\n")))
}

// readingTexts is the query that gives every text of a database, also of columns that are still to be invented.
func (w *world) readingTexts(d *dbtest.Database) string {
	w.t.Helper()
	var columns []struct{ Tab, Col string }
	const query = `SELECT table_name AS tab, column_name AS col FROM information_schema.columns WHERE table_schema = DATABASE()
		AND data_type IN ('char', 'varchar', 'text', 'mediumtext', 'longtext') AND table_name NOT LIKE 'registry%'`
	if err := d.DB().SelectContext(w.t.Context(), &columns, query); err != nil {
		w.t.Fatal(err)
	}
	texts := map[string][]string{}
	for _, c := range columns {
		texts[c.Tab] = append(texts[c.Tab], "CAST(`"+c.Col+"` AS BINARY)")
	}
	var queries []string
	for table, columns := range texts {
		queries = append(queries, "SELECT CONCAT_WS('\n', "+strings.Join(columns, ", ")+") FROM `"+table+"`")
	}
	return strings.Join(queries, " UNION ALL ")
}

// unpack reads what the ledger keeps compressed: a byte for the method, the length, the content.
func unpack(packed []byte) ([]byte, error) {
	if len(packed) < 2 {
		return nil, fmt.Errorf("only %d bytes", len(packed))
	}
	_, n := octets.Uvarint(packed[1:])
	body := packed[1+max(n, 0):]
	if packed[0] == 0 {
		return body, nil
	}
	return io.ReadAll(flate.NewReader(bytes.NewReader(body)))
}
