package config

import (
	"slices"
	"strings"
)

// Turkcell holds what is special about an account at Turkcell: readings of what it does not publish, and the form of an
// e-SMM. docs/providers/turkcell.md says what each is for.
type Turkcell struct {
	VoucherFormat        string   `toml:"voucher_format"`        // of an e-SMM: ubl (default) or json
	VoucherType          string   `toml:"voucher_type"`          // CreditNoteTypeCode of an e-SMM; empty = SERBESTMESLEKMAKBUZU
	ReceiptCustomization string   `toml:"receipt_customization"` // UBL CustomizationID of receipts: TR1.2.1 (default) or TR1.2
	NotFoundTexts        []string `toml:"not_found_texts"`       // further sentences that mean "surely no such document"
}

// turkcell checks what only Turkcell has, and that nobody else's account carries it.
func (k *checker) turkcell(at string, a *Account) {
	o, where := a.Turkcell, at+".turkcell"
	if a.Kind != "turkcell" {
		if a.OwnNumbers || a.XSLTCode != "" {
			k.add(at+".kind", "%s.use_manual_invoice_id and xslt_code are settings of kind turkcell only", at)
		}
		if o.VoucherFormat+o.VoucherType+o.ReceiptCustomization != "" || len(o.NotFoundTexts) > 0 {
			k.add(where, "%s belongs to kind \"turkcell\"", where)
		}
		return
	}
	if o.VoucherFormat != "" {
		k.oneOf(where+".voucher_format", o.VoucherFormat, "ubl", "json")
	}
	if o.ReceiptCustomization != "" {
		k.oneOf(where+".receipt_customization", o.ReceiptCustomization, "TR1.2.1", "TR1.2")
	}
	if o.VoucherType != strings.ToUpper(o.VoucherType) || strings.ContainsAny(o.VoucherType, " \t<>&") {
		k.add(where+".voucher_type", "%s.voucher_type must be a code in capitals such as SERBESTMESLEKMAKBUZU, not %q", where, o.VoucherType)
	}
	if slices.ContainsFunc(o.NotFoundTexts, func(s string) bool { return strings.TrimSpace(s) == "" }) {
		k.add(where+".not_found_texts", "%s.not_found_texts holds an empty sentence", where)
	}
}
