package inbound

import (
	"fmt"

	"faturad/internal/clock"
	"faturad/internal/invoice"
)

// The reasons why an invoice is put aside, as accountants read them; what exactly was wrong follows in brackets.
var (
	reasonUnreadable = invoice.Text{TR: "Faturanın dosyası okunamadı", EN: "The invoice's file cannot be read"}
	reasonOther      = invoice.Text{TR: "Dosyadaki fatura, entegratörün listelediği fatura değil", EN: "The file holds another invoice than the provider lists"}
	reasonERP        = invoice.Text{TR: "Fatura ERP'ye yazılamadı", EN: "The invoice could not be written to the ERP"}
	reasonFetch      = invoice.Text{TR: "Faturanın dosyası entegratörden indirilemedi", EN: "The invoice's file could not be fetched from the provider"}
	reasonStore      = invoice.Text{TR: "Fatura saklanamadı", EN: "The invoice could not be stored"}
)

// because puts a reason that people read before what exactly was wrong.
func (j *Job) because(reason invoice.Text, err error) error {
	return fmt.Errorf("%s (%w)", reason.In(j.Language), err)
}

// istanbul is where legal days are counted.
var istanbul = clock.Istanbul

// The sentences that inbound itself writes into the ERP.
var (
	textReceived = invoice.Text{TR: "Geldi", EN: "Received"}
	adviceAnswer = invoice.Text{
		TR: "Ticari fatura: kabul ya da ret için sekiz gününüz var; süre dolarsa kabul edilmiş sayılır.",
		EN: "Commercial invoice: you have eight days to accept or reject it; after that it counts as accepted.",
	}
	textQuarantined   = invoice.Text{TR: "Karantinada, inceleme gerekli", EN: "Quarantined, needs review"}
	adviceQuarantined = invoice.Text{
		TR: "Fatura okunamadı ya da ERP'ye yazılamadı; ham dosyası saklandı ve kendiliğinden yeniden deneniyor. Göndericiden düzgün belge isteyin ya da sistem yöneticisine haber verin.",
		EN: "The invoice could not be read or written; its raw file is kept, and it is tried again by itself. Ask the sender for a correct document, or tell the administrator.",
	}
	textTaken   = invoice.Text{TR: "Geldi, içeriği okunamadı", EN: "Received, content not readable"}
	adviceTaken = invoice.Text{
		TR: "Bu faturayı saklanan ham dosyasından elle işleyin.",
		EN: "Enter this invoice by hand from the raw file that is kept.",
	}
)
