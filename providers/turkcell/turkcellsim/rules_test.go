package turkcellsim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/providers/turkcell/turkcellsim"
)

func TestUBLRules(t *testing.T) {
	t.Parallel()
	const day, ok = "<cbc:IssueDate>2026-10-15<", ""
	vkn := turkcellsim.ExampleVKN(0)
	tests := map[string]struct {
		rules  turkcellsim.Rules
		edits  []string // old, new
		fields []string // instead of status=20
		buyer  string   // VKN instead of the first example
		want   string   // part of the sentence; "" = accepted
	}{
		"as it is":                     {want: ok},
		"TR1.2.1":                      {edits: []string{">TR1.2<", ">TR1.2.1<"}, want: ok},
		"TR1.2.1 under the old rule":   {rules: turkcellsim.Rules{OnlyTR12: true}, edits: []string{">TR1.2<", ">TR1.2.1<"}, want: "CustomizationID TR1.2 olmalıdır."},
		"UBL 2.0":                      {edits: []string{">2.1<", ">2.0<"}, want: "UBLVersionID 2.1 olmalıdır."},
		"copy":                         {edits: []string{">false<", ">true<"}, want: "CopyIndicator"},
		"not XML":                      {edits: []string{"</Invoice>", ""}, want: "XML okunamadı"},
		"doctype":                      {edits: []string{"?>\n", "?>\n<!DOCTYPE x>\n"}, want: "DOCTYPE"},
		"undeclared namespace":         {edits: []string{"<cbc:Note>", "<cbd:Note>", "</cbc:Note>", "</cbd:Note>"}, want: "ad alanı"},
		"other root":                   {edits: []string{"<Invoice ", "<Order ", "</Invoice>", "</Order>"}, want: "Invoice-2"},
		"bad entity":                   {edits: []string{"&amp;", "&foo;"}, want: "varlık"},
		"control character":            {edits: []string{"Çelik", "Çel\x01ik"}, want: "geçersiz karakter"},
		"latin5 bytes":                 {edits: []string{"Çelik", "\xc7elik"}, want: "UTF-8"},
		"future":                       {edits: []string{day, "<cbc:IssueDate>2026-10-16<"}, want: "İleri bir tarihe fatura kesilemez."},
		"a year ago":                   {edits: []string{day, "<cbc:IssueDate>2025-10-15<"}, want: ok},
		"more than a year ago":         {edits: []string{day, "<cbc:IssueDate>2025-10-14<"}, want: "Bir yıldan daha önceki bir tarihe fatura kesilemez."},
		"no date":                      {edits: []string{day, "<cbc:IssueDate>15.10.2026<"}, want: "Hatalı format : 15.10.2026"},
		"profile of the other side":    {edits: []string{"TEMELFATURA", "EARSIVFATURA"}, want: "EARSIVFATURA - SATIS"},
		"return in a commercial one":   {edits: []string{"TEMELFATURA", "TICARIFATURA", ">SATIS<", ">IADE<"}, want: "TICARIFATURA - IADE"},
		"return without its original":  {edits: []string{">SATIS<", ">IADE<"}, want: "iadeye konu"},
		"unknown currency":             {edits: []string{"TRY", "TL"}, want: "Geçersiz para birimi : TL"},
		"foreign without rate":         {edits: []string{"TRY", "USD"}, want: "kuru zorunludur"},
		"amount in another currency":   {edits: []string{`PayableAmount currencyID="TRY"`, `PayableAmount currencyID="USD"`}, want: "PayableAmount USD"},
		"unit word":                    {edits: []string{`"C62"`, `"ADET"`}, want: "Geçersiz birim kodu : ADET"},
		"NIU in UBL":                   {edits: []string{`"C62"`, `"NIU"`}, want: ok},
		"no item name":                 {edits: []string{"Çelik vida", ""}, want: "mal/hizmet"},
		"negative quantity":            {edits: []string{`"C62">2<`, `"C62">-2<`}, want: "Negatif değer girilemez."},
		"quantity in words":            {edits: []string{`"C62">2<`, `"C62">iki<`}, want: "Geçersiz tutar : iki"},
		"exponent":                     {edits: []string{`"C62">2<`, `"C62">2e0<`}, want: "Geçersiz tutar"},
		"line count":                   {edits: []string{"LineCountNumeric>1<", "LineCountNumeric>2<"}, want: "LineCountNumeric"},
		"three decimals":               {edits: []string{`PayableAmount currencyID="TRY">120.00`, `PayableAmount currencyID="TRY">120.000`}, want: "PayableAmount 120.000"},
		"payable does not add up":      {edits: []string{`PayableAmount currencyID="TRY">120.00`, `PayableAmount currencyID="TRY">121.00`}, want: "PayableAmount 121.00, hesaplanan 120.00"},
		"the same, lenient":            {rules: turkcellsim.Rules{LenientTotals: true}, edits: []string{`PayableAmount currencyID="TRY">120.00`, `PayableAmount currencyID="TRY">121.00`}, want: ok},
		"tax does not add up":          {edits: []string{`TaxInclusiveAmount currencyID="TRY">120.00`, `TaxInclusiveAmount currencyID="TRY">130.00`}, want: "TaxInclusiveAmount"},
		"lines do not add up":          {edits: []string{`LineExtensionAmount currencyID="TRY">100.00</cbc:LineExtensionAmount><cac:TaxTotal>`, `LineExtensionAmount currencyID="TRY">90.00</cbc:LineExtensionAmount><cac:TaxTotal>`}, want: ok}, // the total is then the gross sum
		"nor with the gross sum":       {edits: []string{`Total><cbc:LineExtensionAmount currencyID="TRY">100.00`, `Total><cbc:LineExtensionAmount currencyID="TRY">95.00`}, want: "LineExtensionAmount 95.00, hesaplanan 100.00"},
		"KDV 0 without reason":         {edits: []string{">20.00<", ">0.00<", ">120.00<", ">100.00<"}, want: "istisna sebebi"},
		"no tax number":                {edits: []string{`schemeID="VKN">` + vkn, `schemeID="X">` + vkn}, want: "Lütfen vergi numarasını giriniz."},
		"short VKN":                    {edits: []string{vkn, vkn[:9]}, want: vkn[:9] + " - Identifier VKN olarak seçilmiş ise 10 Karakter olmalıdır."},
		"wrong check digit":            {edits: []string{vkn, vkn[:9] + string('0'+(vkn[9]-'0'+1)%10)}, want: "Geçersiz VKN/TCKN"},
		"lenient check digit":          {rules: turkcellsim.Rules{LenientIDs: true}, buyer: "1234567801", want: ok},
		"no district":                  {edits: []string{">İlçe<", "><"}, want: "Lütfen ilçe adını giriniz."},
		"no city":                      {edits: []string{">İstanbul<", "> <"}, want: "Lütfen şehir giriniz."},
		"no country":                   {edits: []string{"<cac:Country><cbc:Name>Türkiye</cbc:Name></cac:Country></cac:PostalAddress></cac:Party></cac:AccountingCustomerParty>", "</cac:PostalAddress></cac:Party></cac:AccountingCustomerParty>"}, want: "Lütfen ülke giriniz."},
		"no title":                     {edits: []string{"Alıcı A.Ş.", ""}, want: "Lütfen alıcı ünvanını/Adını giriniz."},
		"not a GUID":                   {edits: []string{"<cbc:UUID>", "<cbc:UUID>x"}, want: "Geçerli bir Guid girmelisiz."},
		"not an e-Fatura user":         {buyer: "4812057337", want: "EFatura kullanmıyor."},
		"left":                         {buyer: turkcellsim.ExampleVKN(turkcellsim.ExampleLeft), want: "EFatura kullanmıyor."},
		"despatch mailbox only":        {buyer: turkcellsim.ExampleVKN(turkcellsim.ExampleDespatchOnly), want: "EFatura kullanmıyor."},
		"several mailboxes":            {buyer: turkcellsim.ExampleVKN(turkcellsim.ExampleManyMailboxes), want: "birden fazla etiketi(alias)'ı mevcuttur."},
		"first of several":             {buyer: turkcellsim.ExampleVKN(turkcellsim.ExampleManyMailboxes), fields: []string{"useFirstAlias", "true"}, want: ok},
		"one of several":               {buyer: turkcellsim.ExampleVKN(turkcellsim.ExampleManyMailboxes), fields: []string{"targetAlias", turkcellsim.ExampleAlias(turkcellsim.ExampleManyMailboxes)}, want: ok},
		"another's mailbox":            {fields: []string{"targetAlias", turkcellsim.ExampleAlias(1)}, want: "Alıcı etiketi(alias) bulunamadı"},
		"refused buyer":                {buyer: turkcellsim.ExampleVKN(turkcellsim.ExampleRefused), want: "gönderilemez"},
		"Turkish prefix":               {fields: []string{"prefix", "ŞAT"}, want: "Prefix türkçe karakter içermemelidir."},
		"long prefix":                  {fields: []string{"prefix", "ABCD"}, want: "Prefix 3 karakterden oluşmalıdır."},
		"small prefix":                 {fields: []string{"prefix", "abc"}, want: "Prefix 3 karakterden oluşmalıdır."},
		"own prefix":                   {fields: []string{"prefix", "A1B"}, want: ok},
		"status 30":                    {fields: []string{"status", "30"}, want: "Sadece Taslak ve Kuyrukta"},
		"appType of the other side":    {fields: []string{"appType", "2"}, want: "Hatalı AppType."},
		"long reference":               {fields: []string{"localReferenceId", strings.Repeat("ş", 151)}, want: "en fazla 150"},
		"150 letters of reference":     {fields: []string{"localReferenceId", strings.Repeat("ş", 150)}, want: ok},
		"manual number, wrong year":    {edits: []string{"AAA2026000000000", "AAA2025000000001"}, fields: []string{"useManualInvoiceId", "true"}, want: "aynı yıl olmalıdır"},
		"manual number, wrong length":  {edits: []string{"AAA2026000000000", "AAA202600000001"}, fields: []string{"useManualInvoiceId", "true"}, want: "16 karakter"},
		"manual number, Turkish":       {edits: []string{"AAA2026000000000", "ŞA2026000000000"}, fields: []string{"useManualInvoiceId", "true"}, want: "olması gereken değerin dışında"},
		"wrong number, not manual":     {edits: []string{"AAA2026000000000", "AAA2020"}, want: ok},
		"reported month is no concern": {rules: turkcellsim.Rules{CloseReportedMonths: true}, edits: []string{day, "<cbc:IssueDate>2026-08-15<"}, want: ok},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, turkcellsim.Options{Rules: tc.rules})
			doc := basic(uuid.New())
			if tc.buyer != "" {
				doc = invoiceTo(uuid.New(), tc.buyer)
			}
			fields := tc.fields
			if len(fields) == 0 {
				fields = []string{"status", "20"}
			}
			expect(t, b, b.create(pathInvoice, edit(t, doc, tc.edits...), fields...), tc.want)
		})
	}
}

// expect checks a create's answer, and that what was refused was never created.
func expect(t *testing.T, b *bench, a answer, want string) {
	t.Helper()
	if want == "" {
		if a.status != 200 || len(b.sim.Documents()) != 1 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return
	}
	if a.status != 422 || !a.has(want) {
		t.Errorf("%d %s, want 422 with %q", a.status, a.body, want)
	}
	if !a.has(`{"`) || !a.has(`":["`) {
		t.Errorf("%s is not a dictionary of lists", a.body)
	}
	if n := len(b.sim.Documents()); n != 0 {
		t.Errorf("%d documents exist after a refusal", n)
	}
	log := b.sim.Log()
	if last := log[len(log)-1]; last.Saved || last.Status != 422 {
		t.Errorf("the log says %+v", last)
	}
}

func TestArchiveRules(t *testing.T) {
	t.Parallel()
	const day = "2026-10-15"
	tests := map[string]struct {
		rules  turkcellsim.Rules
		edits  []string
		fields []string
		buyer  string // VKN
		want   string
	}{
		"as it is":                    {},
		"consumer":                    {edits: []string{person, "11111111111"}},
		"not EARSIVFATURA":            {edits: []string{"EARSIVFATURA", "TEMELFATURA"}, want: "'EARSIVFATURA' harici olamaz."},
		"no time":                     {edits: []string{"<cbc:IssueTime>10:15:00</cbc:IssueTime>", ""}, want: "Fatura Saati zorunludur."},
		"no SendType":                 {edits: []string{">SendType<", ">Other<"}, want: "SendType"},
		"no SendType, switched":       {rules: turkcellsim.Rules{NoSendTypeNeeded: true}, edits: []string{">SendType<", ">Other<"}},
		"no IsInternetSale":           {edits: []string{">IsInternetSale<", ">Other<"}, want: "IsInternetSale"},
		"SendType of another kind":    {edits: []string{">ELEKTRONIK<", ">FAKS<"}, want: "SendType"},
		"to an e-Fatura user":         {buyer: turkcellsim.ExampleVKN(0), want: "e-Fatura mükellefidir"},
		"to a later e-Fatura user":    {buyer: turkcellsim.ExampleVKN(0), fields: []string{"allowOldEArsivCustomer", "true"}},
		"to one who left":             {buyer: turkcellsim.ExampleVKN(turkcellsim.ExampleLeft)},
		"to a company":                {buyer: "4812057337", want: ""},
		"mail without address":        {fields: []string{"sendEMail", "true"}, want: "eMailAddress zorunludur"},
		"bad mail":                    {fields: []string{"sendEMail", "true", "eMailAddress", "a@x.test;b"}, want: "Geçersiz e-Posta Adresi."},
		"mail":                        {fields: []string{"sendEMail", "true", "eMailAddress", "a@x.test;b@y.test"}},
		"appType 1":                   {fields: []string{"appType", "1"}, want: "Hatalı AppType."},
		"old, months open":            {edits: []string{day, "2026-03-01"}},
		"last month, reported":        {rules: turkcellsim.Rules{CloseReportedMonths: true}, edits: []string{day, "2026-09-30"}, want: "Raporu oluşturulmuş aya"},
		"this month, not yet":         {rules: turkcellsim.Rules{CloseReportedMonths: true}, edits: []string{day, "2026-10-01"}},
		"no surname":                  {edits: []string{"<cbc:FamilyName>Örnek</cbc:FamilyName>", ""}, want: "soyadını"},
		"wrong TCKN":                  {edits: []string{person, "10000000147"}, want: "Geçersiz VKN/TCKN"},
		"TCKN of ten digits":          {edits: []string{person, "1000000014"}, want: "TCKN olarak seçilmiş ise 11 Karakter"},
		"foreign placeholder as TCKN": {edits: []string{person, "2222222222"}, want: "TCKN olarak seçilmiş ise 11 Karakter"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, turkcellsim.Options{Rules: tc.rules})
			doc := archiveTo(uuid.New(), person)
			if tc.buyer != "" {
				doc = edit(t, doc, `"TCKN">`+person, `"VKN">`+tc.buyer, "<cac:Person><cbc:FirstName>Ayşe</cbc:FirstName><cbc:FamilyName>Örnek</cbc:FamilyName></cac:Person>", "",
					"<cac:PostalAddress><cbc:CitySubdivisionName>İlçe", "<cac:PartyName><cbc:Name>Alıcı</cbc:Name></cac:PartyName><cac:PostalAddress><cbc:CitySubdivisionName>İlçe")
			}
			fields := tc.fields
			if len(fields) == 0 {
				fields = []string{"status", "20"}
			}
			expect(t, b, b.create(pathArchive, edit(t, doc, tc.edits...), fields...), tc.want)
		})
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	send := func(b *bench, id uuid.UUID, fields ...string) answer {
		return b.create(pathInvoice, basic(id), append([]string{"status", "20"}, fields...)...)
	}
	t.Run("ETTN on the same side", func(t *testing.T) {
		t.Parallel()
		b, id := start(t, turkcellsim.Options{}), uuid.New()
		send(b, id)
		a := send(b, id)
		if a.status != 422 || !a.has(`{"uyarı":["Yeni kayıt için gönderdiğiniz ettn '`+id.String()+`' sistemde mevcut."]}`) {
			t.Fatalf("%d %s", a.status, a.body)
		}
	})
	t.Run("ETTN on the other side", func(t *testing.T) {
		t.Parallel()
		for per, want := range map[bool]int{false: 422, true: 200} {
			b, id := start(t, turkcellsim.Options{Rules: turkcellsim.Rules{ETTNPerProduct: per}}), uuid.New()
			send(b, id)
			if a := b.create(pathArchive, archiveTo(id, person), "status", "20"); a.status != want {
				t.Fatalf("per product %v: %d %s", per, a.status, a.body)
			}
		}
	})
	t.Run("reference", func(t *testing.T) {
		t.Parallel()
		b, id := start(t, turkcellsim.Options{}), uuid.New()
		send(b, id, "localReferenceId", "r1", "checkLocalReferenceId", "true")
		a := send(b, uuid.New(), "localReferenceId", "r1", "checkLocalReferenceId", "true")
		if a.status != 422 || !a.has("LocalReferenceId:r1, Önceki fatura UUID:"+id.String()) {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if a := b.create(pathArchive, archiveTo(uuid.New(), person), "localReferenceId", "r1", "checkLocalReferenceId", "True"); a.status != 422 {
			t.Fatalf("the other side: %d %s", a.status, a.body)
		}
		if a := send(b, uuid.New(), "localReferenceId", "r1"); a.status != 200 {
			t.Fatalf("unchecked: %d %s", a.status, a.body)
		}
	})
	t.Run("reference of a failed or draft document", func(t *testing.T) {
		t.Parallel()
		b, id := start(t, turkcellsim.Options{}), uuid.New()
		send(b, id, "localReferenceId", "r1")
		if err := b.sim.SetStatus(id, 40, "hata", nil); err != nil {
			t.Fatal(err)
		}
		if a := send(b, uuid.New(), "status", "0", "localReferenceId", "r1", "checkLocalReferenceId", "true"); a.status != 200 {
			t.Fatalf("after a failure: %d %s", a.status, a.body)
		}
		if a := send(b, uuid.New(), "localReferenceId", "r1", "checkLocalReferenceId", "true"); a.status != 200 {
			t.Fatalf("after a draft: %d %s", a.status, a.body)
		}
	})
	t.Run("manual number", func(t *testing.T) {
		t.Parallel()
		b := start(t, turkcellsim.Options{})
		send(b, uuid.New(), "useManualInvoiceId", "true")
		a := send(b, uuid.New(), "useManualInvoiceId", "true")
		if a.status != 422 || !a.has("Bu fatura numaralı kayıt veritabanında mevcuttur.") {
			t.Fatalf("%d %s", a.status, a.body)
		}
	})
}

func TestNumbering(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	number := func(a answer) any { t.Helper(); return a.field(t, "invoiceNumber") }
	inYear := func(year string) string {
		return edit(t, basic(uuid.New()), "<cbc:IssueDate>2026-10-15", "<cbc:IssueDate>"+year)
	}
	for _, step := range []struct {
		a    answer
		want string
	}{
		{b.create(pathInvoice, basic(uuid.New()), "status", "20"), "EPA2026000000001"},
		{b.create(pathInvoice, basic(uuid.New()), "status", "0"), "EPA2026000000002"},
		{b.create(pathInvoice, basic(uuid.New()), "prefix", "XYZ"), "XYZ2026000000001"},
		{b.create(pathInvoice, inYear("2025-12-31"), "status", "20"), "EPA2025000000001"},
		{b.create(pathArchive, archiveTo(uuid.New(), person)), "EPK2026000000001"},
		{b.create(pathArchive, archiveTo(uuid.New(), person), "prefix", "XYZ"), "XYZ2026000000002"},
	} {
		if got := number(step.a); got != step.want {
			t.Errorf("%v, want %s: %s", got, step.want, step.a.body)
		}
	}
	if a := b.create(pathInvoice, edit(t, basic(uuid.New()), ">2.1<", ">2.0<")); a.status != 422 {
		t.Fatal("not refused")
	}
	id := uuid.New()
	if got := number(b.create(pathInvoice, basic(id))); got != "EPA2026000000003" {
		t.Errorf("a refusal left a gap: %v", got)
	}
	if ubl := b.get(pathInvoice + "/" + id.String() + "/ubl"); !ubl.has("<cbc:ID>EPA2026000000003</cbc:ID>") || !ubl.has("Çelik vida") {
		t.Errorf("the UBL does not carry the number: %s", ubl.body)
	}
	late := start(t, turkcellsim.Options{Rules: turkcellsim.Rules{NumberWhenQueued: true}})
	id = uuid.New()
	if got := number(late.create(pathInvoice, basic(id), "status", "0")); got != nil {
		t.Errorf("a draft has number %v", got)
	}
	late.json("PUT", "/v1/outboxinvoice/updatestatuslist", `{"ids":["`+id.String()+`"],"status":20}`)
	if d := late.sim.Documents()[0]; d.Number != "EPA2026000000001" || d.Status != 20 {
		t.Errorf("%+v", d)
	}
}

func TestClockMovesDatesToo(t *testing.T) {
	t.Parallel()
	b := start(t, turkcellsim.Options{})
	doc := edit(t, basic(uuid.New()), "<cbc:IssueDate>2026-10-15", "<cbc:IssueDate>2026-10-16")
	if a := b.create(pathInvoice, doc); a.status != 422 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	b.json("POST", "/_sim/clock", `{"advance":"12h"}`) // 00:00 in Istanbul, still the 15th in UTC
	if a := b.create(pathInvoice, doc); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	b.json("POST", "/_sim/reset", "{}")
	if !b.sim.Now().Equal(noon) || len(b.sim.Documents()) != 0 {
		t.Errorf("reset left %v, %d documents", b.sim.Now(), len(b.sim.Documents()))
	}
	b.sim.Advance(36 * time.Hour)
	if a := b.get("/_sim/clock"); !a.has("2026-10-16T21:00:00Z") {
		t.Errorf("%s", a.body)
	}
}
