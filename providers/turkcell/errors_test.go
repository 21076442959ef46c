package turkcell //nolint:testpackage // the tables are not exported

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"faturad/internal/clock"
	"faturad/internal/fault"
	"faturad/providers"
	"faturad/providers/redact"
)

var uses = map[use]string{useCreate: "create", useChange: "change", useLookup: "lookup", useStatus: "status", useList: "list", useDownload: "download"}

// TestClassesCoverEveryStatus prints the whole table, so that a change of it is read by somebody.
func TestClassesCoverEveryStatus(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	line := func(status int) string {
		s := ""
		for u := useCreate; u <= useDownload; u++ {
			class := string(classOf(u, status))
			if class == "" {
				class = "-"
			}
			s += fmt.Sprintf(" %-9s", class)
		}
		return strings.TrimRight(s, " ")
	}
	b.WriteString("status  ")
	for u := useCreate; u <= useDownload; u++ {
		fmt.Fprintf(&b, " %-9s", uses[u])
	}
	b.WriteString("\n")
	for from := 100; from < 600; {
		to := from
		for to < 599 && line(to+1) == line(from) {
			to++
		}
		fmt.Fprintf(&b, "%d-%d %s\n", from, to, line(from))
		from = to + 1
	}
	const path = "testdata/classes.golden"
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the table changed:\n%s", b.String())
	}
	covered := 100
	for _, row := range classes {
		if row.from != covered {
			t.Errorf("the table jumps from %d to %d", covered-1, row.from)
		}
		covered = row.to + 1
	}
	if covered != 600 {
		t.Errorf("the table ends at %d", covered-1)
	}
}

func testClient() *client {
	return newClient(Config{APIKey: "c2VjcmV0LWtleQ=="}, &url.URL{Scheme: "http", Host: "localhost"}, clock.NewManual(time.Unix(1e9, 0)), slog.New(slog.DiscardHandler))
}

func TestProblemShapes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		contentType, body, want string
	}{
		"dictionary":      {"application/json", `{"uyarı":["İki","Bir"],"model.AddressBook":["Üç"]}`, "Üç İki Bir"},
		"error object":    {"application/json", `{"Error":{"title":"Başlık","detail":"Ayrıntı","status":422}}`, "Ayrıntı Başlık"},
		"problem details": {"application/problem+json", `{"type":"https://x","title":"Geçersiz","status":400,"traceId":"7","errors":{"id":["Geçerli bir Guid girmelisiz."]}}`, "Geçerli bir Guid girmelisiz. Geçersiz"},
		"text":            {"text/plain", " EFatura gönderme yetkiniz yoktur.\n", "EFatura gönderme yetkiniz yoktur."},
		"JSON text":       {"application/json", `"Fatura bulunamadı."`, "Fatura bulunamadı."},
		"empty":           {"", "", ""},
		"null":            {"", "null", ""},
		"byte order mark": {"", "\xEF\xBB\xBF\"şş\"", "şş"},
		"latin5":          {"text/plain; charset=iso-8859-9", "Ge\xe7ersiz \xddl", "Geçersiz İl"},
		"latin5, unnamed": {"text/plain", "\xfe\xfd\xf0", "şığ"},
		"utf-16":          {"text/plain", "\xff\xfe\x5f\x01\x31\x01", "şı"},
		"page":            {"text/html", "<html>x</html>", ""},
		"line ends":       {"text/plain", "a\r\nb\u202ec", "a  b c"},
		"empty object":    {"", `{"Error":{}}`, ""},
	}
	for name, c := range cases {
		if got := parseProblem(c.contentType, []byte(c.body)).text(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	const ettn = "7f0b8f0e-5a39-4a7c-9b1d-0a4a6f6f3c11"
	cases := []struct {
		use    use
		status int
		body   string
		class  fault.Class
		code   string
	}{
		{useCreate, 422, `{"uyarı":["Kullanıcının sistemde kaydı bulunamadı, EFatura kullanmıyor."]}`, fault.Permanent, providers.CodeBuyerNotRegistered},
		{useCreate, 422, `{"uyarı":["e-Fatura göndermiş olduğunuz firmanın birden fazla etiketi(alias)'ı mevcuttur."]}`, fault.Permanent, providers.CodeAlias},
		{useCreate, 422, `{"uyarı":["Alıcı e-Fatura mükellefidir, e-Arşiv fatura kesilemez. VKN/TCKN : 4812057003"]}`, fault.Permanent, providers.CodeBuyerRegistered},
		{useCreate, 422, `{"uyarı":["Bu fatura numaralı kayıt veritabanında mevcuttur."]}`, fault.Permanent, "turkcell.number"},
		{useCreate, 422, `{"uyarı":["İleri bir tarihe fatura kesilemez."]}`, fault.Permanent, "turkcell.date"},
		{useCreate, 422, ``, fault.Permanent, providers.CodeContentRefused},
		{useCreate, 422, `{"uyarı":["Belge ` + ettn + ` işlenmiş."]}`, fault.Duplicate, providers.CodeETTNUsed},
		{useCreate, 422, `{"uyarı":["Daha önce bu LocalReferenceId ile gönderilen bir faturanın durumu yeniden göndermeye engeldir. LocalReferenceId:a:b:1, Önceki fatura UUID:0D8F7A52-7D1E-4C0B-8A25-2B7E3F1A9C20"]}`, fault.Duplicate, providers.CodeReferenceUsed},
		{useCreate, 403, `EFatura gönderme yetkiniz yoktur.`, fault.Auth, providers.CodePermission},
		{useCreate, 401, `"Yetkisiz"`, fault.Auth, providers.CodeKey},
		{useCreate, 404, `"Fatura bulunamadı."`, fault.Retryable, "turkcell.http_404"},
		{useChange, 404, `"Fatura bulunamadı."`, fault.NotFound, "turkcell.not_found"},
		{useChange, 404, ``, fault.Retryable, "turkcell.http_404"},
		{useLookup, 404, `"E-Arşiv Fatura bulunamadı!"`, fault.NotFound, "turkcell.not_found"},
		{useLookup, 404, "Fatura bulunamad\xfd.", fault.NotFound, "turkcell.not_found"},
		{useLookup, 404, `Fatura bulunamadı yada yetkiniz yok!`, fault.Retryable, "turkcell.http_404"},
		{useLookup, 404, `Sayfa bulunamadı`, fault.Retryable, "turkcell.http_404"},
		{useLookup, 422, `{"uyarı":["x"]}`, fault.Retryable, "turkcell.http_422"},
		{useList, 422, `{"uyarı":["x"]}`, fault.Permanent, providers.CodeContentRefused},
		{useCreate, 503, `Fatura bulunamadı.`, fault.Ambiguous, "turkcell.no_answer"},
	}
	c := testClient()
	for _, k := range cases {
		err := c.refused(request{doing: "testing", use: k.use, product: "e-Fatura"},
			answer{status: k.status, header: http.Header{}, body: []byte(k.body), correlation: "kor-1"}, ettn)
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Class != k.class || e.Code != k.code {
			t.Errorf("%s %d %q: class %q, code %q: %v", uses[k.use], k.status, k.body, fault.ClassOf(err), e.Code, err)
			continue
		}
		if !strings.Contains(e.Error(), "kor-1") || e.Advice == "" && e.Class != fault.NotFound {
			t.Errorf("%q: %v, advice %q", k.body, e, e.Advice)
		}
		if k.code == providers.CodeReferenceUsed && !strings.EqualFold(e.Existing, "0d8f7a52-7d1e-4c0b-8a25-2b7e3f1a9c20") {
			t.Errorf("the earlier document was not read: %q", e.Existing)
		}
	}
}

func TestNotFoundTextsAreASetting(t *testing.T) {
	t.Parallel()
	c := testClient()
	c.cfg.NotFoundTexts = []string{"Fatura bulunamadı yada yetkiniz yok!"}
	err := c.refused(request{use: useLookup}, answer{status: 404, header: http.Header{}, body: []byte(`"fatura BULUNAMADI yada yetkiniz yok"`)}, "")
	if !errors.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
}

func TestStatusesAreTranslated(t *testing.T) {
	t.Parallel()
	seven := 1215
	for code, want := range map[int]providers.State{
		0: providers.StateDraft, 20: providers.StateWorking, 40: providers.StateFailed, 50: providers.StateWorking, 60: providers.StateAccepted,
		65: providers.StateAccepted, 70: providers.StateWorking, 80: providers.StateRejected, 99: providers.StateCancelled, 100: providers.StateCancelled,
		777: providers.StateWorking,
	} {
		if got := stateOf(code); got != want {
			t.Errorf("%d: %s", code, got)
		}
		if statusWords(code, "", "", nil) == "" {
			t.Errorf("%d has no words", code)
		}
	}
	if got := statusWords(40, "", "", &seven); got != "Hata: Belge alıcının adresine gönderilemedi, denemeler bitti (zarf 1215)" {
		t.Errorf("got %q", got)
	}
	if got := statusWords(40, "XML hatalı", "", &seven); got != "XML hatalı" {
		t.Errorf("got %q", got)
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	const key = "c2VjcmV0LWtleQ=="
	for name, cfg := range map[string]Config{
		"no address": {APIKey: key}, "no scheme": {BaseURL: "efaturaservice.turkcellesirket.com", APIKey: key}, "ftp": {BaseURL: "ftp://x", APIKey: key},
		"open http": {BaseURL: "http://efaturaservice.turkcellesirket.com", APIKey: key}, "user in the address": {BaseURL: "https://u:p@x", APIKey: key},
		"no key": {BaseURL: "https://x"}, "key with a line end": {BaseURL: "https://x", APIKey: key + "\n"}, "format": {BaseURL: "https://x", APIKey: key, Format: "xml"},
	} {
		_, err := New(cfg, clock.Real{}, slog.New(slog.DiscardHandler))
		if err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, address := range []string{"https://efaturaservicetest.isim360.com", "https://efaturaservicetest.isim360.com/", "http://127.0.0.1:99", "http://[::1]:99"} {
		if _, err := New(Config{BaseURL: address, APIKey: key}, clock.Real{}, slog.New(slog.DiscardHandler)); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestSentencesFitALine(t *testing.T) {
	t.Parallel()
	p := parseProblem("text/plain", []byte(strings.Repeat("ğ", 5000)))
	if got := p.text(); len(got) > 2010 || !strings.HasSuffix(got, "…") || redact.Line(got, 5000) != got {
		t.Errorf("%d bytes", len(got))
	}
}
