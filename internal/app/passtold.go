package app

import (
	"errors"
	"strings"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
	"faturad/providers"
	"faturad/sync/archive"
	"faturad/sync/erp"
)

var (
	textPassMisfit = invoice.Text{
		TR: "Ayarlardaki sorgular ERP'nin tablolarına uymuyor; hangilerinin uymadığını `faturad check` gösterir.",
		EN: "The queries of the config do not fit the ERP's tables; `faturad check` names them.",
	}
	textPassDatabaseRights = invoice.Text{
		TR: "Veritabanı faturad'ın kullanıcısını kabul etmiyor ya da yetkisi eksik: DSN'i ve `faturad grants` komutunun gösterdiği yetkileri kontrol edin.",
		EN: "The database refuses faturad's user, or the user lacks a right: check the DSN, and the rights that `faturad grants` prints.",
	}
	textPassDatabaseAway = invoice.Text{
		TR: "Veritabanına ulaşılamadı ya da veritabanı şu anda çalışamıyor; iş bir sonraki turda kendiliğinden sürer.",
		EN: "The database cannot be reached or cannot work at the moment; the next run goes on by itself.",
	}
	textPassDatabase = invoice.Text{
		TR: "Veritabanı bir işlemi kabul etmedi; ne yapılacağı ayrıntının sonunda yazıyor.",
		EN: "The database refused a statement; the details end with what to do.",
	}
	textPassArchive = invoice.Text{
		TR: "Arşivin diskinde yer yok: yer açın ya da archive.dir'i daha büyük bir diske taşıyın; arşiv kendiliğinden sürer.",
		EN: "The archive's disk has no room: make room or point archive.dir at a larger one; the archive goes on by itself.",
	}
	textPassProvider = invoice.Text{
		TR: "Entegratörle yapılan bir işlem tamamlanamadı; iş bir sonraki turda kendiliğinden sürer.",
		EN: "Something could not be done at the provider; the next run goes on by itself.",
	}
	textPassFailed = invoice.Text{
		TR: "İş tamamlanamadı; bir sonraki turda yeniden denenir. Sürerse ayrıntıya ve günlüğe bakın (journalctl -u faturad).",
		EN: "The run did not end well and is tried again; if it stays, see the details and the log (journalctl -u faturad).",
	}
)

// passTold is what people read of a pass that failed. What it was exactly stands behind it, in English as in the log.
func passTold(err error, language string) string {
	e, ok := errors.AsType[*fault.Error](err)
	switch {
	case errors.Is(err, erp.ErrMisfit):
		return textPassMisfit.In(language)
	case ok && e.Code == archive.CodeFull:
		return textPassArchive.In(language)
	case ok && e.Code != "": // of all the rest only providers give codes
		return providerTold(e, language)
	case !mysqlx.FromDatabase(err):
		return textPassFailed.In(language)
	case errors.Is(err, fault.Auth):
		return textPassDatabaseRights.In(language)
	case errors.Is(err, fault.Permanent):
		return textPassDatabase.In(language)
	}
	return textPassDatabaseAway.In(language)
}

// providerTold is what a provider's error says to people; its words are the accountant's, in Turkish.
func providerTold(e *fault.Error, language string) string {
	if message, advice := providers.Words(e, language); language != "en" && message+advice != "" {
		return strings.TrimSpace(message + " " + advice)
	}
	return textPassProvider.In(language)
}
