package erp

import (
	"slices"
	"testing"

	"faturad/internal/dbtest"
)

// shop is a made-up web shop: orders and slips with the same numbers, meta data by label, JSON with a computed key, rich
// text, a soft-deleted customer, freight in a header column, no stored VAT rate, amounts in the base currency.
const shop = `
CREATE TABLE ps_orders (id INT PRIMARY KEY, placed DATETIME, customer INT, currency CHAR(3), per_base DECIMAL(18,6), freight DECIMAL(18,6), freight_vat DECIMAL(18,6), note TEXT, extra TEXT, ready TINYINT);
CREATE TABLE ps_slips (id INT PRIMARY KEY, order_id INT, placed DATETIME, total DECIMAL(18,2));
CREATE TABLE ps_items (order_id INT, pos INT, name VARCHAR(100), qty INT, net DECIMAL(18,6), vat DECIMAL(18,6));
CREATE TABLE ps_customers (id INT PRIMARY KEY, name VARCHAR(100), deleted TINYINT);
CREATE TABLE ps_meta (order_id INT, label VARCHAR(40), value VARCHAR(100));
CREATE TABLE ps_state (space VARCHAR(10), id INT, status VARCHAR(40), code VARCHAR(20), PRIMARY KEY (space, id));
INSERT INTO ps_customers VALUES (7, 'Şahin &amp; Oğulları', 1);
INSERT INTO ps_orders VALUES (12, '2026-09-30 22:30:00', 7, 'EUR', 0.02, 50, 10, '<p>Kapıda &ouml;deme</p><p>ikinci</p>', '{"vergi \\"no\\" 12": "3635578219"}', 2);
INSERT INTO ps_orders VALUES (13, '2026-09-30 22:30:00', 7, 'TRY', 1, 0, 0, NULL, '[]', 0);
INSERT INTO ps_slips VALUES (12, 12, '2026-10-02 10:00:00', -120);
INSERT INTO ps_items VALUES (12, 1, 'Çanta', 2, 100, 20), (12, 2, 'Hediye', 1, 0, 0);
INSERT INTO ps_meta VALUES (12, 'vergi_dairesi', 'Kadıköy');
`

const shopSource = `
vars = { p = "ps_", office = "vergi_dairesi" }
zones = { issue_date = "UTC" }
[[document]]
name = "order"
key = ["id:int"]
pending = "SELECT o.id FROM {p}orders o LEFT JOIN {p}state s ON s.space = 'order' AND s.id = o.id WHERE o.ready = 2 AND s.id IS NULL AND o.placed >= :start"
header = """
SELECT o.id, o.placed AS issue_date, NULL AS issue_time, NULL AS discount, o.currency, o.per_base AS amount_factor, c.name AS buyer_name, o.note,
  JSON_UNQUOTE(JSON_EXTRACT(o.extra, CONCAT('$."vergi \\\\"no\\\\" ', o.id, '"'))) AS buyer_tax_no,
  (SELECT m.value FROM {p}meta m WHERE m.order_id = o.id AND m.label = '{office}') AS buyer_tax_office
FROM {p}orders o JOIN {p}customers c ON c.id = o.customer WHERE o.id IN (:keys)"""
lines = """
SELECT i.order_id AS id, i.pos AS line_no, i.name, i.qty AS quantity, i.net / i.qty AS unit_price, i.net, i.vat
FROM {p}items i WHERE i.order_id IN (:keys)
UNION ALL
SELECT o.id, 900, 'Kargo', 1, o.freight, o.freight, o.freight_vat FROM {p}orders o WHERE o.id IN (:keys) AND o.freight > 0
ORDER BY id, line_no"""
[[document]]
name = "slip"
key = ["id:int"]
pending = "SELECT b.id FROM {p}slips b LEFT JOIN {p}state s ON s.space = 'slip' AND s.id = b.id WHERE s.id IS NULL AND b.placed >= :start"
header = """
SELECT b.id, b.placed AS issue_date, b.total AS gross, b.order_id AS return_key, c.name AS buyer_name
FROM {p}slips b JOIN {p}orders o ON o.id = b.order_id JOIN {p}customers c ON c.id = o.customer WHERE b.id IN (:keys)"""
lines = "SELECT b.id, 1 AS line_no, 'İade' AS name, 1 AS quantity, b.total AS unit_price, 20 AS vat_rate FROM {p}slips b WHERE b.id IN (:keys)"
default = { invoice_type = "IADE" }
[text]
unescape_html = ["buyer_name"]
strip_html = ["note"]
[money]
vat_unit = "ratio"
vat_fallback = "20"
[money.sign]
IADE = { header = "abs", lines = "abs" }
[map.status]
accepted = "tamam"
[[on.status]]
only = ["order"]
sql = "INSERT INTO {p}state (space, id, status, code) VALUES ('order', :id, :status, LEFT(CONCAT('k:', :ettn), 20)) ON DUPLICATE KEY UPDATE status = VALUES(status)"
[[on.status]]
only = ["slip"]
sql = "INSERT INTO {p}state (space, id, status) VALUES ('slip', :id, :status) ON DUPLICATE KEY UPDATE status = VALUES(status)"
`

// TestShop: what web shops force on the contract.
func TestShop(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	db.Script(t, shop)
	cfg, err := ParseConfig("shop.toml", []byte(shopSource))
	if err != nil {
		t.Fatal(err)
	}
	cfg.ID, cfg.Start = "erp1", start
	src := open(t, db, cfg)
	checkFindings(t, src)
	if got := src.Spaces(); !slices.Equal(got, []string{"order", "slip"}) {
		t.Fatalf("spaces = %v", got)
	}
	orders, slips := collect(t, src, "order"), collect(t, src, "slip")
	if !slices.Equal(orders, []string{"12"}) || !slices.Equal(slips, []string{"12"}) {
		t.Fatalf("pending: %v and %v", orders, slips)
	}
	order, err := src.Load(t.Context(), "order", orders)
	if err != nil || len(order[0].Faults) > 0 {
		t.Fatalf("%v %+v", err, order)
	}
	s := order[0].Sale
	if s.Buyer.Name != "Şahin & Oğulları" || s.Buyer.TaxNo != "3635578219" || s.Buyer.TaxOffice != "Kadıköy" || s.IssueDate.String() != "2026-10-01" || s.Notes[0] != "Kapıda ödeme\nikinci" {
		t.Errorf("order = %+v", s)
	}
	var got []string
	for _, l := range s.Lines {
		got = append(got, l.No+" "+l.Net.Decimal.String()+" "+l.VAT.Decimal.String()+" "+l.VATRate.Decimal.String())
	}
	if want := []string{"1 2 0.4 20", "2 0 0 20", "900 1 0.2 20"}; !slices.Equal(got, want) {
		t.Errorf("lines = %q, want %q", got, want)
	}
	slip, err := src.Load(t.Context(), "slip", slips)
	if err != nil || slip[0].Sale.Type != "IADE" || slip[0].Sale.ReturnKey != "12" || slip[0].Sale.Gross.Decimal.String() != "120" {
		t.Errorf("slip = %+v, %v", slip, err)
	}
	if errs, err := src.WriteBack(t.Context(), []Projection{accepted("order", "12"), accepted("slip", "12")}); err != nil || errs[0] != nil || errs[1] != nil {
		t.Fatalf("%v %v", err, errs)
	}
	state := rowsOf(t, db, "SELECT space, id, status, code FROM ps_state ORDER BY space")
	if len(state) != 2 || state[0][2] != "tamam" || state[0][3] != "k:4b0c8f6e-7d0c-4c43" || state[1][0] != "slip" {
		t.Errorf("state = %v", state)
	}
}
