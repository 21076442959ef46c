package turkcellsim_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/providers/turkcell/turkcellsim"
)

const (
	pathProducer = "/v1/producerreceipt"
	pathVoucher  = "/v1/voucher"
)

const receiptHead = `<?xml version="1.0" encoding="UTF-8"?>
<CreditNote xmlns="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>TR1.2.1</cbc:CustomizationID><cbc:ProfileID>EARSIVBELGE</cbc:ProfileID><cbc:ID>AAA2026000000001</cbc:ID><cbc:CopyIndicator>false</cbc:CopyIndicator><cbc:UUID>ETTN</cbc:UUID><cbc:IssueDate>2026-10-15</cbc:IssueDate><cbc:IssueTime>10:15:00</cbc:IssueTime><cbc:CreditNoteTypeCode>TYPE</cbc:CreditNoteTypeCode><cbc:DocumentCurrencyCode>TRY</cbc:DocumentCurrencyCode><cbc:LineCountNumeric>1</cbc:LineCountNumeric>
<cac:AccountingSupplierParty><cac:Party><cac:PartyIdentification><cbc:ID schemeID="VKN">4812057337</cbc:ID></cac:PartyIdentification><cac:PartyName><cbc:Name>Örnek Tarım Ticaret A.Ş.</cbc:Name></cac:PartyName><cac:PostalAddress><cbc:CitySubdivisionName>Çankaya</cbc:CitySubdivisionName><cbc:CityName>Ankara</cbc:CityName><cac:Country><cbc:Name>Türkiye</cbc:Name></cac:Country></cac:PostalAddress></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PartyIdentification><cbc:ID schemeID="TCKN">10000000146</cbc:ID></cac:PartyIdentification><cac:PostalAddress><cbc:CitySubdivisionName>Polatlı</cbc:CitySubdivisionName><cbc:CityName>Ankara</cbc:CityName><cac:Country><cbc:Name>Türkiye</cbc:Name></cac:Country></cac:PostalAddress><cac:Person><cbc:FirstName>Ayşe</cbc:FirstName><cbc:FamilyName>Örnek</cbc:FamilyName></cac:Person></cac:Party></cac:AccountingCustomerParty>
`

// subtotals are the taxes of a receipt: code, name, percent and amount of each.
func subtotals(base, sum string, taxes ...[4]string) string {
	out := `<cac:TaxTotal><cbc:TaxAmount currencyID="TRY">` + sum + `</cbc:TaxAmount>`
	for _, t := range taxes {
		out += `<cac:TaxSubtotal><cbc:TaxableAmount currencyID="TRY">` + base + `</cbc:TaxableAmount><cbc:TaxAmount currencyID="TRY">` + t[3] + `</cbc:TaxAmount><cbc:Percent>` + t[2] +
			`</cbc:Percent><cac:TaxCategory><cac:TaxScheme><cbc:Name>` + t[1] + `</cbc:Name><cbc:TaxTypeCode>` + t[0] + `</cbc:TaxTypeCode></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>`
	}
	return out + `</cac:TaxTotal>`
}

func receiptBody(taxes, gross, exclusive, inclusive, payable, unit, quantity, price, item string) string {
	amount := func(name, v string) string { return `<cbc:` + name + ` currencyID="TRY">` + v + `</cbc:` + name + `>` }
	return taxes + `<cac:LegalMonetaryTotal>` + amount("LineExtensionAmount", gross) + amount("TaxExclusiveAmount", exclusive) + amount("TaxInclusiveAmount", inclusive) + amount("PayableAmount", payable) +
		`</cac:LegalMonetaryTotal>
<cac:CreditNoteLine><cbc:ID>1</cbc:ID><cbc:CreditedQuantity unitCode="` + unit + `">` + quantity + `</cbc:CreditedQuantity>` + amount("LineExtensionAmount", gross) + taxes +
		`<cac:Item><cbc:Name>` + item + `</cbc:Name></cac:Item><cac:Price>` + amount("PriceAmount", price) + `</cac:Price></cac:CreditNoteLine>
</CreditNote>`
}

func producerTaxes() string {
	return subtotals("49000.00", "2900.80", [4]string{"0003", "Gelir Vergisi Stopajı", "4", "1960.00"}, [4]string{"8001", "Borsa Tescil Ücreti", "1.92", "940.80"})
}

// producer is an e-MM: 7 tons of wheat with stopaj and the exchange's fee.
func producer(id uuid.UUID) string {
	taxes := producerTaxes()
	return strings.NewReplacer("ETTN", id.String(), "TYPE", "MUSTAHSILMAKBUZ").Replace(receiptHead) +
		receiptBody(taxes, "49000.00", "46099.20", "46099.20", "46099.20", "TNE", "7", "7000", "Buğday")
}

// fee is an e-SMM: a fee of 10,000 with VAT and stopaj.
func fee(id uuid.UUID) string {
	taxes := subtotals("10000.00", "2000.00", [4]string{"0015", "KDV", "20", "2000.00"}, [4]string{"0003", "Gelir Vergisi Stopajı", "20", "2000.00"})
	return strings.NewReplacer("ETTN", id.String(), "TYPE", "SERBESTMESLEKMAKBUZU").Replace(receiptHead) +
		receiptBody(taxes, "10000.00", "10000.00", "12000.00", "10000.00", "C62", "1", "10000", "Danışmanlık")
}

// pack zips documents, one file each.
func pack(t testing.TB, documents ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, d := range documents {
		w, err := z.Create(string(rune('a'+i)) + ".xml")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, d); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// receiptCall is the body of a create or update; fields are names with JSON values.
func receiptCall(t testing.TB, path string, packed []byte, fields ...string) string {
	t.Helper()
	name := "producerReceiptZip"
	if strings.HasPrefix(path, pathVoucher) {
		name = "voucherZip"
	}
	out := `{"` + name + `":"` + base64.StdEncoding.EncodeToString(packed) + `"`
	for i := 0; i < len(fields); i += 2 {
		out += `,"` + fields[i] + `":` + fields[i+1]
	}
	return out + "}"
}

func (b *bench) receipt(method, path, ubl string, fields ...string) answer {
	b.t.Helper()
	return b.json(method, path, receiptCall(b.t, path, pack(b.t, ubl), fields...))
}

func TestReceiptRules(t *testing.T) {
	t.Parallel()
	const ok = ""
	tests := map[string]struct {
		options turkcellsim.Options
		voucher bool
		edits   []string
		fields  []string
		want    string
	}{
		"producer":                    {want: ok},
		"voucher":                     {voucher: true, want: ok},
		"no deductions":               {edits: []string{producerTaxes(), "", ">46099.20<", ">49000.00<"}, want: ok},
		"TR1.2":                       {edits: []string{">TR1.2.1<", ">TR1.2<"}, want: ok},
		"TR1.3":                       {edits: []string{">TR1.2.1<", ">TR1.3<"}, want: "CustomizationID"},
		"UBL 2.0":                     {edits: []string{">2.1<", ">2.0<"}, want: "UBLVersionID 2.1 olmalıdır."},
		"no copy indicator":           {edits: []string{"<cbc:CopyIndicator>false</cbc:CopyIndicator>", ""}, want: ok},
		"copy":                        {edits: []string{">false<", ">true<"}, want: "CopyIndicator"},
		"profile of an invoice":       {edits: []string{"EARSIVBELGE", "EARSIVFATURA"}, want: "EARSIVFATURA - MUSTAHSILMAKBUZ"},
		"type of the other":           {edits: []string{"MUSTAHSILMAKBUZ", "SERBESTMESLEKMAKBUZU"}, want: "EARSIVBELGE - SERBESTMESLEKMAKBUZU"},
		"another voucher type":        {voucher: true, edits: []string{"SERBESTMESLEKMAKBUZU", "SMM"}, want: "EARSIVBELGE - SMM"},
		"the voucher type wanted":     {options: turkcellsim.Options{VoucherType: "SMM"}, voucher: true, edits: []string{"SERBESTMESLEKMAKBUZU", "SMM"}, want: ok},
		"an invoice":                  {edits: []string{"CreditNote", "Invoice"}, want: "makbuzlar CreditNote"},
		"another root":                {edits: []string{"CreditNote-2", "DebitNote-2"}, want: "CreditNote-2"},
		"no XML":                      {edits: []string{"</CreditNote>", ""}, want: "XML okunamadı"},
		"not a GUID":                  {edits: []string{"<cbc:UUID>", "<cbc:UUID>x"}, want: "Geçerli bir Guid girmelisiz."},
		"future":                      {edits: []string{"IssueDate>2026-10-15<", "IssueDate>2026-10-16<"}, want: "İleri bir tarihe"},
		"no time":                     {edits: []string{"<cbc:IssueTime>10:15:00</cbc:IssueTime>", ""}, want: "düzenleme saati"},
		"a farmer with VKN":           {edits: []string{`schemeID="TCKN">10000000146`, `schemeID="VKN">4812057337`}, want: "Müstahsilin TCKN bilgisi"},
		"a nameless farmer":           {edits: []string{"10000000146", "11111111111"}, want: "Müstahsilin TCKN bilgisi"},
		"no family name":              {edits: []string{"<cbc:FamilyName>Örnek</cbc:FamilyName>", ""}, want: "soyadını"},
		"wrong check digit":           {edits: []string{"10000000146", "10000000147"}, want: "Geçersiz VKN/TCKN"},
		"no district":                 {edits: []string{">Polatlı<", "><"}, want: "Lütfen ilçe adını giriniz."},
		"another's receipt":           {options: turkcellsim.Options{SellerTaxNo: "1234567890"}, want: "hesabın sahibi değildir"},
		"unit word":                   {edits: []string{`"TNE"`, `"TON"`}, want: "Geçersiz birim kodu : TON"},
		"line count":                  {edits: []string{"LineCountNumeric>1<", "LineCountNumeric>2<"}, want: "LineCountNumeric"},
		"VAT for a farmer":            {edits: []string{">8001<", ">0015<"}, want: "vergi kodu : 0015"},
		"a deduction for the client":  {voucher: true, edits: []string{">0003<", ">9040<"}, want: "vergi kodu : 9040"},
		"a voucher without VAT":       {voucher: true, edits: []string{">0015<", ">9015<"}, want: "KDV zorunludur"},
		"payable before deductions":   {edits: []string{`PayableAmount currencyID="TRY">46099.20`, `PayableAmount currencyID="TRY">49000.00`}, want: "PayableAmount 49000.00, hesaplanan 46099.20"},
		"the same, lenient":           {options: turkcellsim.Options{Rules: turkcellsim.Rules{LenientTotals: true}}, edits: []string{`PayableAmount currencyID="TRY">46099.20`, `PayableAmount currencyID="TRY">49000.00`}, want: ok},
		"exclusive before deductions": {edits: []string{`TaxExclusiveAmount currencyID="TRY">46099.20`, `TaxExclusiveAmount currencyID="TRY">49000.00`}, want: "TaxExclusiveAmount"},
		"stopaj paid out":             {voucher: true, edits: []string{`PayableAmount currencyID="TRY">10000.00`, `PayableAmount currencyID="TRY">12000.00`}, want: "PayableAmount 12000.00, hesaplanan 10000.00"},
		"lines do not add up":         {voucher: true, edits: []string{`Total><cbc:LineExtensionAmount currencyID="TRY">10000.00`, `Total><cbc:LineExtensionAmount currencyID="TRY">9000.00`}, want: "LineExtensionAmount"},
		"three decimals":              {edits: []string{`PayableAmount currencyID="TRY">46099.20`, `PayableAmount currencyID="TRY">46099.200`}, want: "PayableAmount 46099.200"},
		"withholding total":           {voucher: true, edits: []string{"<cac:LegalMonetaryTotal>", `<cac:WithholdingTaxTotal><cbc:TaxAmount currencyID="TRY">0.00</cbc:TaxAmount></cac:WithholdingTaxTotal><cac:LegalMonetaryTotal>`}, want: "WithholdingTaxTotal"},
		"status 30":                   {fields: []string{"status", "30"}, want: "Sadece Taslak ve Kuyrukta"},
		"Turkish prefix":              {fields: []string{"prefix", `"ŞAT"`}, want: "Prefix türkçe"},
		"long reference":              {fields: []string{"localReferenceId", `"` + strings.Repeat("ş", 151) + `"`}, want: "en fazla 150"},
		"mail without address":        {fields: []string{"sendEMail", "true"}, want: "eMailAddress zorunludur"},
		"manual number, wrong year":   {edits: []string{"AAA2026000000001", "AAA2025000000001"}, fields: []string{"useManualProducerReceiptId", "true"}, want: "aynı yıl"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, tc.options)
			path, doc := pathProducer, producer(uuid.New())
			if tc.voucher {
				path, doc = pathVoucher, fee(uuid.New())
			}
			fields := tc.fields
			if len(fields) == 0 {
				fields = []string{"status", "20"}
			}
			expect(t, b, b.receipt("POST", path, edit(t, doc, tc.edits...), fields...), tc.want)
		})
	}
}

// A receipt comes as one file in a zip, in base64, and nothing else gets in.
func TestReceiptZips(t *testing.T) {
	t.Parallel()
	good := producer(uuid.New())
	for name, c := range map[string]struct {
		body   string
		status int
		want   string
	}{
		"as it is":         {receiptCall(t, pathProducer, pack(t, good)), 200, ""},
		"PascalCase":       {strings.Replace(receiptCall(t, pathProducer, pack(t, good)), "producer", "Producer", 1), 200, ""},
		"nothing":          {`{"status":20}`, 422, "ProducerReceiptZip alanı boş bırakılamaz."},
		"the other's name": {strings.Replace(receiptCall(t, pathProducer, pack(t, good)), "producerReceiptZip", "voucherZip", 1), 422, "ProducerReceiptZip"},
		"no base64":        {`{"producerReceiptZip":"<xml>"}`, 400, "could not be converted"},
		"no zip":           {receiptCall(t, pathProducer, []byte(good)), 422, "zip açılamadı"},
		"two files":        {receiptCall(t, pathProducer, pack(t, good, good)), 422, "2 dosya"},
		"no file":          {receiptCall(t, pathProducer, pack(t)), 422, "0 dosya"},
		"a bomb":           {receiptCall(t, pathProducer, pack(t, strings.Repeat(" ", 5<<20))), 422, "çok büyük"},
		"a form":           {"--x\r\n", 400, "could not be converted"},
	} {
		b := start(t, turkcellsim.Options{})
		a := b.json("POST", pathProducer, c.body)
		if a.status != c.status || !a.has(c.want) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if n := len(b.sim.Documents()); (n == 1) != (c.status == 200) {
			t.Errorf("%s: %d documents", name, n)
		}
	}
}

func TestReceiptsLive(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, kind, field, series string
		doc                       func(uuid.UUID) string
		payable                   string
	}{{pathProducer, turkcellsim.KindEMM, "producerReceiptNumber", "EPM", producer, "46099.2"}, {pathVoucher, turkcellsim.KindESMM, "voucherNumber", "SMM", fee, "10000"}} {
		b, id := start(t, turkcellsim.Options{}), uuid.New()
		one := c.path + "/" + id.String()
		ids := `["` + id.String() + `"]`
		want := func(a answer, status int, words string) {
			t.Helper()
			if a.status != status || !a.has(words) {
				t.Fatalf("%s: %d %s, want %d %q", c.kind, a.status, a.body, status, words)
			}
		}
		set := func(status string) answer {
			return b.json("PUT", c.path+"/updatestatuslist", `{"ids":`+ids+`,"status":`+status+`}`)
		}
		state := func() any { return b.get(one+"/status").field(t, "status") }

		want(b.get(one+"/status"), 404, "Makbuzu bulunamadı")
		a := b.receipt("POST", c.path, c.doc(id), "status", "0", "localReferenceId", `"acme:r:1"`, "checkLocalReferenceId", "true")
		want(a, 200, `"`+c.field+`":"`+c.series+`2026000000001"`)
		want(b.receipt("POST", c.path, c.doc(id), "status", "20"), 422, "sistemde mevcut")
		want(b.receipt("PUT", c.path+"/"+uuid.NewString(), c.doc(id)), 422, "UUID alanı")
		want(set("20"), 200, "null")
		want(b.get(one+"/status"), 200, `"`+c.field+`":"`+c.series+`2026000000001"`)
		want(b.receipt("POST", c.path, c.doc(uuid.New()), "localReferenceId", `"acme:r:1"`, "checkLocalReferenceId", "true"), 422, "Önceki fatura UUID:"+id.String())
		if got := state(); got != 20.0 {
			t.Errorf("%s: %v", c.kind, got)
		}
		want(b.json("POST", c.path+"/cancel", ids), 422, "Sadece başarılı")

		if err := b.sim.SetStatus(id, 40, "Şema hatalı", nil); err != nil {
			t.Fatal(err)
		}
		want(b.receipt("PUT", one, c.doc(id), "status", "20"), 422, "Taslak durumundaki makbuz")
		want(set("0"), 200, "null")
		want(b.receipt("PUT", one, edit(t, c.doc(id), "Polatlı", "Haymana"), "status", "20", "prefix", `"ZZZ"`), 200, c.series+"2026000000001")
		b.sim.Advance(2 * time.Second)
		if got := state(); got != 60.0 {
			t.Errorf("%s: %v", c.kind, got)
		}
		want(b.receipt("PUT", one, c.doc(id)), 422, "Taslak veya Hatalı")

		d := b.sim.Documents()[0]
		if d.Kind != c.kind || d.Payable.String() != c.payable || d.Buyer != person || d.BuyerName != "Ayşe Örnek" || d.Updates != 1 || d.Lines != 1 {
			t.Errorf("%+v", d)
		}
		want(b.get(one+"/ubl"), 200, "<cbc:ID>"+c.series+"2026000000001</cbc:ID>")
		want(b.get(one+"/html/true"), 200, "Haymana")
		want(b.get(one+"/pdf/false"), 200, "%PDF")
		z := b.get(one + "/zip/true")
		if files, err := zip.NewReader(bytes.NewReader(z.body), int64(len(z.body))); err != nil || len(files.File) != 3 {
			t.Errorf("%s: the zip: %v", c.kind, err)
		}

		b.sim.Advance(300 * 24 * time.Hour) // no limit of time is known
		want(b.json("PUT", c.path+"/cancel", ids), 405, "")
		want(b.json("POST", c.path+"/cancel", ids), 200, "null")
		if got := state(); got != 100.0 {
			t.Errorf("%s: %v", c.kind, got)
		}
		want(b.json("POST", c.path+"/cancel", ids), 422, "daha önce iptal")
	}
}

// Receipts are a world of their own: no question, list or change of invoices knows them, nor the other way round.
func TestReceiptsAreKeptApart(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	mm, smm, invoice := uuid.New(), uuid.New(), uuid.New()
	for _, a := range []answer{
		b.receipt("POST", pathProducer, producer(mm), "status", "0"), b.receipt("POST", pathVoucher, fee(smm), "status", "0"),
		b.create(pathInvoice, basic(invoice), "status", "0"),
	} {
		if a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	for path, own := range map[string]uuid.UUID{pathInvoice: invoice, pathArchive: uuid.New(), pathProducer: mm, pathVoucher: smm} {
		for _, id := range []uuid.UUID{mm, smm, invoice} {
			want := 404
			if id == own {
				want = 200
			}
			if a := b.get(path + "/" + id.String() + "/status"); a.status != want {
				t.Errorf("%s about %s: %d", path, id, a.status)
			}
		}
	}
	for list, own := range map[string]uuid.UUID{"/v1/outboxinvoice": invoice, pathProducer: mm, pathVoucher: smm} {
		for _, id := range []uuid.UUID{mm, smm, invoice} {
			a := b.json("PUT", list+"/updatestatuslist", `{"ids":["`+id.String()+`"],"status":20}`)
			if (a.status == 200) != (id == own) {
				t.Errorf("%s of %s: %d %s", list, id, a.status, a.body)
			}
		}
	}
	for _, path := range []string{pathInvoice, pathArchive} {
		if a := b.get(path + "/withnulllocalreferences"); a.has(mm.String()) || a.has(smm.String()) {
			t.Errorf("%s lists receipts: %s", path, a.body)
		}
	}
	for _, path := range []string{pathProducer, pathVoucher} {
		if a := b.get(path + "/withnulllocalreferences"); a.status == 200 {
			t.Errorf("%s has a list: %s", path, a.body)
		}
		if a := b.receipt("POST", path, basic(uuid.New()), "status", "20"); a.status != 422 || !a.has("makbuzlar CreditNote") {
			t.Errorf("%s takes an invoice: %d %s", path, a.status, a.body)
		}
	}
	if a := b.create(pathArchive, producer(uuid.New()), "status", "20"); a.status != 422 || !a.has("faturalar Invoice") {
		t.Errorf("e-Arşiv takes a receipt: %d %s", a.status, a.body)
	}
	if a := b.create(pathInvoice, basic(mm), "status", "20"); a.status != 422 || !a.has("sistemde mevcut") {
		t.Errorf("an ETTN served twice: %d %s", a.status, a.body)
	}
	kinds := map[string]int{}
	for _, d := range b.sim.Documents() {
		kinds[d.Kind]++
	}
	if len(kinds) != 3 || kinds["e-mm"] != 1 || kinds["e-smm"] != 1 {
		t.Errorf("%v", kinds)
	}
}

// voucherSale is an e-SMM as the JSON model has it: 1.5 hours at 1,000.10 less stopaj.
func voucherSale(id uuid.UUID) string {
	return `{"status":20,"sendEMail":true,"useManualVoucherId":true,"notes":[{"note":"Eylül"}],"addressBook":{"identificationNumber":"4812057337","name":"Müşteri A.Ş.",
	"receiverDistrict":"Üsküdar","receiverCity":"İstanbul","receiverCountry":"Türkiye","receiverEmail":"muhasebe@example.com"},
	"generalInfoModel":{"ettn":"` + id.String() + `","invoiceProfileType":7,"type":10,"issueDate":"2026-10-15T10:15:00","currencyCode":"TRY"},
	"invoiceLines":[{"inventoryCard":"Danışmanlık","amount":1.5,"unitCode":"HUR","unitPrice":1000.10,"vatRate":20,
	"taxes":[{"taxTypeCode":"0003","taxName":"Gelir Vergisi Stopajı","taxRate":20,"taxableAmount":1500.15,"taxAmount":300.03}]}]}`
}

func TestVoucherModel(t *testing.T) {
	t.Parallel()
	b, id := start(t, turkcellsim.Options{}), uuid.New()
	a := b.json("POST", pathVoucher+"/create", voucherSale(id))
	if a.status != 200 || a.field(t, "invoiceNumber") != "SMM2026000000001" || a.field(t, "id") != id.String() {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := b.get(pathVoucher + "/" + id.String() + "/status"); a.field(t, "voucherNumber") != "SMM2026000000001" {
		t.Errorf("%s", a.body)
	}
	if d := b.sim.Documents()[0]; d.Kind != "e-smm" || d.Payable.String() != "1500.15" || d.Type != "SERBESTMESLEKMAKBUZU" || d.Scenario != "EARSIVBELGE" {
		t.Errorf("%+v", d)
	}
	if a := b.json("POST", pathVoucher+"/create", voucherSale(id)); a.status != 422 || !a.has("sistemde mevcut") {
		t.Errorf("%d %s", a.status, a.body)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"no name":   {`"name":"Müşteri A.Ş."`, `"name":""`, "model.AddressBook.Name"},
		"no VAT":    {`"vatRate":20`, `"vatRate":0`, "VatExemptionReasonCode"},
		"other tax": {`"0003"`, `"9040"`, "vergi kodu : 9040"},
		"type":      {`"type":10`, `"type":1`, "EARSIVBELGE - SATIS"},
		"no mail":   {`"receiverEmail":"muhasebe@example.com"`, `"receiverEmail":""`, "ReceiverEmail"},
		"status":    {`"status":20`, `"status":60`, "model.Status"},
		"no JSON":   {`{"status"`, `"status"`, "could not be converted"},
	} {
		a := b.json("POST", pathVoucher+"/create", strings.Replace(voucherSale(uuid.New()), c.old, c.new, 1))
		if a.status != 422 && a.status != 400 || !a.has(c.want) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if n := len(b.sim.Documents()); n != 1 {
		t.Errorf("%d documents", n)
	}
}

// What fails and what is never judged, as with invoices; the faults of the wire know the names of a receipt's answer.
func TestReceiptsMeetFaultsAndBuyers(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{Buyers: map[string]turkcellsim.Buyer{person: turkcellsim.BuyerFailOnce}})
	id := uuid.New()
	b.receipt("POST", pathProducer, producer(id), "status", "20")
	b.sim.Advance(time.Hour)
	if d := b.sim.Documents()[0]; d.Status != 40 || d.EnvelopeStatus != nil || d.Message == "" {
		t.Errorf("%+v", d)
	}
	b.json("PUT", pathProducer+"/updatestatuslist", `{"ids":["`+id.String()+`"],"status":20}`)
	b.sim.SetBuyer(person, turkcellsim.BuyerStuck)
	b.sim.Advance(time.Hour)
	if d := b.sim.Documents()[0]; d.Status != 20 {
		t.Errorf("%+v", d)
	}
	b.sim.SetBuyer(person, turkcellsim.BuyerAccepts)
	for kind, want := range map[string]string{
		turkcellsim.FaultNoNumber: `"voucherNumber":null`, turkcellsim.FaultTakenNumber: `"voucherNumber":"EPM2026000000001"`,
	} {
		if err := b.sim.SetFault(turkcellsim.Fault{Kind: kind, Family: turkcellsim.FamilyCreate, Times: 1}); err != nil {
			t.Fatal(err)
		}
		if a := b.receipt("POST", pathVoucher, fee(uuid.New()), "status", "20"); !a.has(want) || a.has("invoiceNumber") || !json.Valid(a.body) {
			t.Errorf("%s: %s", kind, a.body)
		}
	}
	one := uuid.New()
	if err := b.sim.SetFault(turkcellsim.Fault{Kind: turkcellsim.FaultSavedError, ETTN: one.String(), Family: turkcellsim.FamilyCreate, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if a := b.receipt("POST", pathProducer, producer(one), "status", "20"); a.status != http.StatusInternalServerError {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := b.get(pathProducer + "/" + one.String() + "/status"); a.status != 200 {
		t.Errorf("the receipt was not saved: %d %s", a.status, a.body)
	}
}

// TestReceiptsFitTheSchema: what the tests send and what the simulator writes are CreditNotes by GİB's schema.
func TestReceiptsFitTheSchema(t *testing.T) {
	t.Parallel()
	schema := filepath.Join("..", "..", "..", "..", "shared", "ubltr", "xsd", "maindoc", "UBL-CreditNote-2.1.xsd")
	if _, err := os.Stat(schema); err != nil {
		t.Skip("GİB's schemas (../shared/ubltr) are not beside the project:", err)
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("there is no xmllint:", err)
	}
	b, made := start(t, turkcellsim.Options{}), uuid.New()
	discounted := strings.Replace(voucherSale(made), `"vatRate"`, `"discountAmount":0.15,"vatRate"`, 1)
	if a := b.json("POST", pathVoucher+"/create", discounted); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	dir := t.TempDir()
	args := []string{"--noout", "--schema", schema}
	for name, doc := range map[string]string{"producer": producer(uuid.New()), "fee": fee(uuid.New()), "model": string(b.sim.UBL(made))} {
		file := filepath.Join(dir, name+".xml")
		if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	if out, err := exec.CommandContext(t.Context(), "xmllint", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
