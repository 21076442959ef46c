package inbound

import (
	"faturad/internal/clock"
	"faturad/internal/invoice"
)

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
		TR: "Fatura okunamadı ya da ERP'ye yazılamadı; ham dosyası saklandı ve kendiliğinden yeniden deneniyor. Göndericiden düzgün belge isteyin ya da yöneticiye haber verin.",
		EN: "The invoice could not be read or written; its raw file is kept, and it is tried again by itself. Ask the sender for a correct document, or tell the administrator.",
	}
	textTaken   = invoice.Text{TR: "Geldi, içeriği okunamadı", EN: "Received, content not readable"}
	adviceTaken = invoice.Text{
		TR: "Bu faturayı saklanan ham dosyasından elle işleyin.",
		EN: "Enter this invoice by hand from the raw file that is kept.",
	}
)
