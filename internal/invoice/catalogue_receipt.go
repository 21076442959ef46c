package invoice

// receiptFaults concern producer receipts (e-MM) and self-employment receipts (e-SMM).
var receiptFaults = []FaultKind{
	{Code: "receipt.type",
		Message: Text{"{1} makbuzunda {0} fatura tipi ya da senaryosu kullanılamaz.", "An {1} receipt cannot have the invoice type or scenario {0}."},
		Advice:  Text{"Tip ve senaryoyu boş bırakın ya da belge türünü düzeltin.", "Leave type and scenario empty, or correct the kind."}},
	{Code: "receipt.producer",
		Message: Text{"Müstahsil makbuzu yalnızca TCKN'si bilinen bir çiftçiye düzenlenir ({0}).", "A producer receipt can only be made out to a farmer whose TCKN is known ({0})."},
		Advice:  Text{"Çiftçinin 11 haneli TC kimlik numarasını girin; şirketten alımda faturasını isteyin.", "Enter the farmer's 11-digit TCKN; ask a company for its invoice."}},
	{Code: "receipt.vat",
		Message: Text{"{line}. satırda %{0} KDV var; müstahsil makbuzunda KDV gösterilmez.", "Line {line} has VAT of {0} %; a producer receipt shows none."},
		Advice:  Text{"Satırın KDV oranını 0 yapın ya da alım için fatura kullanın.", "Set the VAT rate of the line to 0, or use an invoice."}},
	{Code: "receipt.tax",
		Message: Text{"{line}. satırın vergi kodu {0} bu makbuzda kullanılamaz.", "The tax code {0} of line {line} cannot be used on this receipt."},
		Advice: Text{"Müstahsil makbuzunda 0003, 9040, 8001 ve SGK_PRIM, serbest meslek makbuzunda yalnız 0003 kullanılır.",
			"A producer receipt takes 0003, 9040, 8001 and SGK_PRIM, a self-employment receipt only 0003."}},
	{Code: "receipt.withholding",
		Message: Text{"{line}. satırda KDV tevkifatı ({0}) var; müstahsil makbuzunda KDV olmadığı için tevkifat da olmaz.", "Line {line} withholds VAT ({0}), and a producer receipt has none."},
		Advice:  Text{"Tevkifatı kaldırın.", "Remove the withholding."}},
	{Code: "receipt.deductions",
		Message: Text{"Kesintiler ({0}) tutardan ({1}) büyük.", "The deductions ({0}) are larger than the amount ({1})."},
		Advice:  Text{"Kesinti oranlarını veya tutarlarını düzeltin.", "Correct the rates or amounts of the deductions."}},
	{Code: "receipt.field",
		Message: Text{"Makbuzda {0} bilgisi kullanılamaz.", "A receipt cannot carry {0}."},
		Advice:  Text{"Bu alanı boşaltın ya da satış için fatura kesin.", "Empty this field, or issue an invoice for the sale."}},
}
