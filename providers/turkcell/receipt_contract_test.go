package turkcell_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/providertest"
	"faturad/providers/turkcell"
)

// receiptForm is one of the three ways in which receipts are made, and what its answers call the number.
type receiptForm struct {
	name            string
	kind            invoice.Kind
	format          turkcell.Format // of an e-SMM
	created, status string
	path            string
	absent          string
}

var (
	producerForm = receiptForm{"e-MM", invoice.EMM, "", "producerReceiptNumber", "producerReceiptNumber", "/v1/producerreceipt", "e-Müstahsil Makbuzu bulunamadı!"}
	voucherForm  = receiptForm{"e-SMM", invoice.ESMM, turkcell.FormatUBL, "voucherNumber", "voucherNumber", "/v1/voucher", "e-Serbest Meslek Makbuzu bulunamadı!"}
	modelForm    = receiptForm{"e-SMM by its model", invoice.ESMM, turkcell.FormatJSON, "invoiceNumber", "voucherNumber", "/v1/voucher", "Makbuz bulunamadı."}
)

func receiptForms() []receiptForm { return []receiptForm{producerForm, voucherForm, modelForm} }

func (f receiptForm) config(c turkcell.Config) turkcell.Config {
	c.VoucherFormat = f.format
	return c
}

// subject is that of invoices with the wire of receipts.
func (f receiptForm) subject(decorate func(providers.Provider, *slog.Logger) providers.Provider) providertest.Subject {
	s := subject(turkcell.FormatUBL, decorate)
	s.Kinds = []invoice.Kind{f.kind}
	s.New = func(t testing.TB, baseURL string, log *slog.Logger) providers.Provider {
		return decorate(newProvider(t, f.config(turkcell.Config{
			BaseURL: baseURL, ReadRetries: -1, CreateTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
		}), log), log)
	}
	s.Creates = func(r *http.Request) bool { // their cancel is a POST too
		return r.Method == http.MethodPost && !strings.HasSuffix(r.URL.Path, "/cancel")
	}
	s.Created = func(ettn uuid.UUID, number string) string {
		return `{"id":"` + ettn.String() + `","` + f.created + `":"` + number + `"}`
	}
	s.Absent = providertest.Reply{Status: 404, Body: `"` + f.absent + `"`}
	s.Present = func(ettn uuid.UUID) string {
		return `{"id":"` + ettn.String() + `","` + f.status + `":"ABC2026000000001","status":60,"message":null}`
	}
	return s
}

func TestContractProducerReceipt(t *testing.T) {
	providertest.Run(t, producerForm.subject(bare))
}

func TestContractVoucher(t *testing.T) {
	providertest.Run(t, voucherForm.subject(guarded))
}

func TestContractVoucherModel(t *testing.T) {
	providertest.Run(t, modelForm.subject(bare))
}
