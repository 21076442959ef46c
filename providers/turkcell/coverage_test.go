package turkcell_test

import "faturad/providers/providertest"

// travel knows which fields came to the simulator, and compares them with the table of coverage.
var travel = providertest.Travel{Kind: "turkcell", Routes: routes()}

// routes are method and path of the endpoints, by their titles in the guide.
func routes() map[string]string {
	out := map[string]string{
		"Giden e-Fatura / Post":                          "POST /v1/outboxinvoice/create",
		"Giden e-Fatura / Put":                           "PUT /v1/outboxinvoice/update/{id}",
		"Giden e-Fatura / Update Status":                 "PUT /v1/outboxinvoice/updatestatuslist",
		"Giden e-Fatura / Get Invoice Reason":            "GET /v1/outboxinvoice/invoicereason/{id}",
		"Giden e-Fatura / Arayüzden Kesilen e-Faturalar": "GET /v2/outboxinvoice/withnulllocalreferences",
		"Gelen e-Fatura / Get List":                      "GET /v1/inboxinvoice/list",
		"Gelen e-Fatura / Put IsNewFlag":                 "PUT /v1/inboxinvoice/updateisnew",
		"e-Arşiv / Post":                                 "POST /v2/earchive/create",
		"e-Arşiv / Put":                                  "PUT /v2/earchive/update/{id}",
		"e-Arşiv / Arayüzden Kesilen e-Arşiv Faturalar":  "GET /v2/earchive/withnulllocalreferences",
		"e-Arşiv / Get EMailDetail":                      "GET /v1/earchive/getmaildetail",
		"e-Arşiv / RetryInvoiceMail For Error":           "GET /v1/earchive/retryinvoicemail/{id}",
		"e-Arşiv / RetryInvoiceMail":                     "POST /v1/earchive/retryinvoicemail",
		"e-Arşiv / Cancel Invoice":                       "PUT /v1/earchive/cancelinvoice",
		"Gelen Ticari Fatura Cevap / Get":                "GET /v1/invoiceresponse/getbyinvoiceid/{invoiceid}",
		"Gelen Ticari Fatura Cevap / Post":               "POST /v1/invoiceresponse",
		"Gelen Ticari Fatura Cevap / Put RetryInvoice":   "PUT /v1/invoiceresponse/retryinvoiceresponselist",
		"Mükellefler / GibUserZipList":                   "GET /v2/gibuser/recipient/zip",
		"Statik Listeler / UnitCode List":                "GET /v1/staticlist/unit",
		"Statik Listeler / Country List":                 "GET /v1/staticlist/country",
		"Statik Listeler / TaxOffice List":               "GET /v1/staticlist/taxoffice",
		"Statik Listeler / TaxTypeCode List":             "GET /v1/staticlist/taxtypecode",
		"Statik Listeler / Withholding List":             "GET /v1/staticlist/withholding",
		"Statik Listeler / TaxExemptionReason List":      "GET /v1/staticlist/taxexemptionreason",
		"E-MM / Cancel Producer Receipt":                 "POST /v1/producerreceipt/cancel",
		"E-MM / Update Status List":                      "PUT /v1/producerreceipt/updatestatuslist",
		"E-SMM / Post":                                   "POST /v1/voucher/create",
		"E-SMM / Cancel Voucher":                         "POST /v1/voucher/cancel",
		"E-SMM / Update Status List":                     "PUT /v1/voucher/updatestatuslist",
	}
	for section, path := range map[string]string{"Giden e-Fatura": "/v2/outboxinvoice", "Gelen e-Fatura": "/v2/inboxinvoice", "e-Arşiv": "/v2/earchive",
		"E-MM": "/v1/producerreceipt", "E-SMM": "/v1/voucher"} {
		if section != "Gelen e-Fatura" {
			out[section+" / Post (UBL)"] = "POST " + path
			out[section+" / Put (UBL)"] = "PUT " + path + "/{id}"
		}
		out[section+" / Get Status"] = "GET " + path + "/{id}/status"
		out[section+" / Get UBL"] = "GET " + path + "/{id}/ubl"
		for title, format := range map[string]string{"HTML": "html", "PDF": "pdf", "ZİP": "zip"} {
			out[section+" / Get "+title] = "GET " + path + "/{id}/" + format + "/{isStandartXslt}"
		}
	}
	return out
}
