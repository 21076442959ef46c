package main

import "testing"

func TestSnake(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"SaleNumber": "sale_number", "VAT": "vat", "VATRate": "vat_rate", "BuyerSKU": "buyer_sku", "IDs": "ids", "IBAN": "iban", "tr": "tr",
		"buyer_name": "buyer_name", "SGK": "sgk", "ERPNet": "erp_net", "": "",
	} {
		if got := snake(name); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
}

func TestSnakeKeysTouchesKeysOnly(t *testing.T) {
	t.Parallel()
	got, err := snakeKeys([]byte(`{"TaxNo": "TaxNo", "Lines": [{"UnitPrice": 1.20000000000000000001}, [], {}, null, true], "Notes": null}`))
	want := `{"tax_no":"TaxNo","lines":[{"unit_price":1.20000000000000000001},[],{},null,true],"notes":null}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
	if _, err := snakeKeys([]byte(`{"a":`)); err == nil {
		t.Error("a cut document is no error")
	}
}
