package invoice

// seriesFaults concern a sale's day and the series its number comes from. They hang on the clock, on the config and on
// what was issued before, so sync/outbound finds them, not mapping.
var seriesFaults = []FaultKind{
	{Code: "series.late",
		Message: Text{"{2} tarihli fatura {1} serisinden kesilmiş; aynı seriden {0} tarihli fatura artık kesilemez.", "An invoice of {2} was issued in the {1} series; one of {0} can no longer be issued in it."},
		Advice:  Text{"Satışın tarihini bugüne alın; tarih kalacaksa mali müşavirinize danışıp başka bir seri girin.", "Move the sale's date to today; if the date must stay, ask your accountant and enter another series."}},
	{Code: "series.moved", Warning: true,
		Message: Text{"Satışın tarihi {0}; o tarihle fatura kesilemediği için fatura tarihi {1} yapıldı.", "The sale is of {0}; no invoice could be issued under that day, so the invoice is dated {1}."},
		Advice:  Text{"", ""}},
	{Code: "series.number",
		Message: Text{"Fatura numarası {0}, {1} serisinin {2} yılına uygun 16 haneli bir numara değil.", "The invoice number {0} is not a 16-character number of series {1} and year {2}."},
		Advice:  Text{"Belge numarasını ABC2026000000123 biçiminde, serisi ve yılı faturanınkiyle aynı olacak şekilde girin.", "Enter the document's number like ABC2026000000123, with the series and the year of the invoice."}},
	{Code: "branch.unknown",
		Message: Text{"{0} şubesi ayarlarda tanımlı değil.", "The branch {0} is not in the settings."},
		Advice:  Text{"Satışın şubesini düzeltin ya da sistem yöneticisinden şubeyi [[company.branch]] olarak tanımlamasını isteyin.", "Correct the sale's branch, or ask the administrator to describe it as [[company.branch]]."}},
	{Code: "issue_date.last_year",
		Message: Text{"Fatura tarihi {0} geçen yıla ait; geçen yılın tarihiyle fatura en geç {1} tarihinde kesilebilirdi.", "The invoice date {0} lies in an earlier year, under whose date an invoice could be issued until {1}."},
		Advice:  Text{"Satışın tarihini bugüne alın ya da mali müşavirinize danışın.", "Move the sale's date to today, or ask your accountant."}},
	{Code: "issue_date.overdue", Warning: true,
		Message: Text{"Satış {0} tarihli, {1} gün önce; fatura kesmek için yedi günlük yasal süre geçti.", "The sale is of {0}, {1} days ago; the seven days in which an invoice is due are over."},
		Advice:  Text{"Faturayı bekleten eksiği hemen giderin ve mali müşavirinize bildirin.", "Settle at once what holds the invoice back, and tell your accountant."}},
	{Code: "issue_date.seven_days",
		Message: Text{"Mal veya hizmet {0} tarihinde teslim edilmiş, {1} gün geçmiş; fatura yedi gün içinde kesilmeliydi.", "Goods or service were delivered on {0}, {1} days ago; the invoice was due within seven days."},
		Advice:  Text{"Mali müşavirinize danışın; fatura yine de kesilecekse teslim tarihini düzeltin ya da sistem yöneticisinden sınırı kaldırmasını isteyin.", "Ask your accountant; if the invoice is to go out all the same, correct the day of delivery or have the limit lifted."}},
}
