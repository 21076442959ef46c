package ubl

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"faturad/internal/invoice"
	"faturad/mapping"
)

// plainInvoice and its kin are what a straightforward encoding/xml model of the same documents would be: every element of
// the benchmark's documents has a field (TestPlainModelHasEveryElement).
type plainAmount struct {
	Currency string `xml:"currencyID,attr"`
	Value    string `xml:",chardata"`
}

type plainID struct {
	Scheme string `xml:"schemeID,attr,omitempty"`
	Value  string `xml:",chardata"`
}

type plainTax struct {
	Amount   plainAmount `xml:"TaxAmount"`
	Subtotal []struct {
		Taxable plainAmount `xml:"TaxableAmount"`
		Amount  plainAmount `xml:"TaxAmount"`
		Percent string      `xml:"Percent"`
		Name    string      `xml:"TaxCategory>TaxScheme>Name"`
		Code    string      `xml:"TaxCategory>TaxScheme>TaxTypeCode"`
	} `xml:"TaxSubtotal"`
}

type plainParty struct {
	Website string `xml:"Party>WebsiteURI,omitempty"`
	ID      []struct {
		ID plainID `xml:"ID"`
	} `xml:"Party>PartyIdentification"`
	Name     string `xml:"Party>PartyName>Name"`
	Room     string `xml:"Party>PostalAddress>Room,omitempty"`
	Street   string `xml:"Party>PostalAddress>StreetName,omitempty"`
	Building string `xml:"Party>PostalAddress>BuildingNumber,omitempty"`
	District string `xml:"Party>PostalAddress>CitySubdivisionName"`
	City     string `xml:"Party>PostalAddress>CityName"`
	PostCode string `xml:"Party>PostalAddress>PostalZone,omitempty"`
	Code     string `xml:"Party>PostalAddress>Country>IdentificationCode"`
	Country  string `xml:"Party>PostalAddress>Country>Name"`
	Office   string `xml:"Party>PartyTaxScheme>TaxScheme>Name"`
	Contact  *struct {
		Phone string `xml:"Telephone,omitempty"`
		Email string `xml:"ElectronicMail,omitempty"`
	} `xml:"Party>Contact"`
}

type plainInvoice struct {
	XMLName       xml.Name `xml:"Invoice"`
	Version       string   `xml:"UBLVersionID"`
	Customization string   `xml:"CustomizationID"`
	Profile       string   `xml:"ProfileID"`
	ID            string   `xml:"ID"`
	Copy          string   `xml:"CopyIndicator"`
	UUID          string   `xml:"UUID"`
	Date          string   `xml:"IssueDate"`
	Time          string   `xml:"IssueTime"`
	Type          string   `xml:"InvoiceTypeCode"`
	Notes         []string `xml:"Note"`
	Currency      string   `xml:"DocumentCurrencyCode"`
	LineCount     string   `xml:"LineCountNumeric"`
	Refs          []struct {
		ID   plainID `xml:"ID"`
		Date string  `xml:"IssueDate"`
		Type string  `xml:"DocumentType"`
	} `xml:"AdditionalDocumentReference"`
	Seller plainParty `xml:"AccountingSupplierParty"`
	Buyer  plainParty `xml:"AccountingCustomerParty"`
	Tax    plainTax   `xml:"TaxTotal"`
	Totals struct {
		Lines     plainAmount `xml:"LineExtensionAmount"`
		Exclusive plainAmount `xml:"TaxExclusiveAmount"`
		Inclusive plainAmount `xml:"TaxInclusiveAmount"`
		Allowance plainAmount `xml:"AllowanceTotalAmount"`
		Payable   plainAmount `xml:"PayableAmount"`
	} `xml:"LegalMonetaryTotal"`
	Lines []struct {
		ID       string `xml:"ID"`
		Quantity struct {
			Unit  string `xml:"unitCode,attr"`
			Value string `xml:",chardata"`
		} `xml:"InvoicedQuantity"`
		Net       plainAmount `xml:"LineExtensionAmount"`
		OrderLine *struct {
			Line  string `xml:"LineID"`
			Sales string `xml:"SalesOrderLineID"`
		} `xml:"OrderLineReference"`
		Tax  plainTax `xml:"TaxTotal"`
		Name string   `xml:"Item>Name"`
		SKU  *struct {
			ID string `xml:"ID"`
		} `xml:"Item>SellersItemIdentification"`
		Price plainAmount `xml:"Price>PriceAmount"`
	} `xml:"InvoiceLine"`
}

// elements counts the elements of a document by name.
func elements(t testing.TB, data []byte) map[string]int {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(data))
	count := map[string]int{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return count
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok {
			count[e.Name.Local]++
		}
	}
}

// The comparison is fair: the plain model writes every element that Write writes.
func TestPlainModelHasEveryElement(t *testing.T) {
	t.Parallel()
	sale, rules := benchSale(3)
	inv, faults := mapping.FromSale(sale, rules)
	if len(faults) > 0 {
		t.Fatal(faults.Sentence("en"))
	}
	for _, inv := range []invoice.Invoice{inv, benchInvoice(3)} {
		data, err := Write(inv, benchHeader)
		if err != nil {
			t.Fatal(err)
		}
		again, err := xml.Marshal(plainOf(t, data))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(elements(t, data), elements(t, again)); diff != "" {
			t.Errorf("Write and the plain model differ:\n%s", diff)
		}
	}
}

func plainOf(t testing.TB, data []byte) plainInvoice {
	t.Helper()
	var p plainInvoice
	if err := xml.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

var benchHeader = Header{ETTN: fixtureETTN, LocalReference: "acme:invoice:1"}

// benchSale has n lines over three rates as Dolibarr books them, with line and document totals.
func benchSale(n int) (invoice.Sale, mapping.Rules) {
	s := invoice.Sale{
		KeySpace: "invoice", Key: "217", Number: "FA2609-0001", IssueDate: invoice.Date{Year: 2026, Month: 9, Day: 1}, IssueTime: "09:07:50", Buyer: company,
	}
	var net, vat decimal.Decimal
	for i := range n {
		rate := decimal.NewFromInt([]int64{1, 10, 20}[i%3])
		price := decimal.New(int64(1999+37*i), -2)
		lineNet := price.Mul(decimal.NewFromInt(3))
		lineVAT := lineNet.Mul(rate).Shift(-2).Round(2)
		net, vat = net.Add(lineNet), vat.Add(lineVAT)
		s.Lines = append(s.Lines, invoice.SaleLine{No: strconv.Itoa(i + 1), Name: "Çelik Vida M8", SKU: "VD-8", Unit: "C62",
			Quantity: invoice.Some(decimal.NewFromInt(3)), UnitPrice: invoice.Some(price), VATRate: invoice.Some(rate),
			Net: invoice.Some(lineNet), VAT: invoice.Some(lineVAT)})
	}
	s.Net, s.VAT, s.Gross = invoice.Some(net), invoice.Some(vat), invoice.Some(net.Add(vat))
	return s, mapping.Rules{Seller: seller, Today: invoice.Date{Year: 2026, Month: 9, Day: 3}}
}

// against ends a benchmark with the ratio of its time to that of plain, measured in the same process right after it.
func against(b *testing.B, plain func()) {
	b.Helper()
	own := b.Elapsed() / time.Duration(b.N)
	b.StopTimer()
	n := max(10, b.N/4)
	start := time.Now()
	for range n {
		plain()
	}
	b.ReportMetric(float64(own)/float64(time.Since(start)/time.Duration(n)), "of-encoding/xml")
}

// processor is the processor time of this process, garbage collection included: on a busy machine it says more than the
// clock.
func processor(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSale is the way of every document: sale, checked invoice, UBL bytes. The ratio is to xml.Marshal of the finished
// document's structs alone, without any mapping or checking. us/line is what each further line costs.
func BenchmarkSale(b *testing.B) {
	var short time.Duration
	for _, n := range []int{3, 300} {
		sale, rules := benchSale(n)
		whole := func() []byte {
			inv, faults := mapping.FromSale(sale, rules)
			if len(faults) > 0 {
				b.Fatal(faults.Sentence("en"))
			}
			data, err := Write(inv, benchHeader)
			if err != nil {
				b.Fatal(err)
			}
			return data
		}
		plain := plainOf(b, whole())
		b.Run(fmt.Sprintf("lines=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			before := processor(b)
			for b.Loop() {
				whole()
			}
			own := b.Elapsed() / time.Duration(b.N)
			b.ReportMetric(float64((processor(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
			if n == 3 {
				short = own
			} else {
				b.ReportMetric(float64((own-short).Nanoseconds())/1000/float64(n-3), "us/line")
			}
			against(b, func() {
				if _, err := xml.Marshal(plain); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

func benchInvoice(lines int) invoice.Invoice {
	var items []item
	for i := range lines {
		items = append(items, item{name: fmt.Sprintf("Ürün %d", i), qty: "3", price: "333.33", vat: []string{"20", "10", "1"}[i%3]})
	}
	return build("TICARIFATURA", "SATIS", items)
}

func BenchmarkWrite(b *testing.B) {
	for _, n := range []int{3, 300} {
		inv, h := benchInvoice(n), benchHeader
		data, err := Write(inv, h)
		if err != nil {
			b.Fatal(err)
		}
		plain := plainOf(b, data)
		b.Run(fmt.Sprintf("lines=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := Write(inv, h); err != nil {
					b.Fatal(err)
				}
			}
			against(b, func() {
				if _, err := xml.Marshal(plain); err != nil {
					b.Fatal(err)
				}
			})
		})
		b.Run(fmt.Sprintf("encoding-xml/lines=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := xml.Marshal(plain); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{3, 300} {
		data, err := Write(benchInvoice(n), benchHeader)
		if err != nil {
			b.Fatal(err)
		}
		run := func(name string, read func() error) {
			b.Run(fmt.Sprintf("%slines=%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(data)))
				for b.Loop() {
					if err := read(); err != nil {
						b.Fatal(err)
					}
				}
				if name != "encoding-xml/" {
					against(b, func() {
						var p plainInvoice
						if err := xml.Unmarshal(data, &p); err != nil {
							b.Fatal(err)
						}
					})
				}
			})
		}
		run("", func() error { _, err := Parse(data); return err })
		run("peek/", func() error { _, err := Peek(data); return err })
		run("encoding-xml/", func() error { var p plainInvoice; return xml.Unmarshal(data, &p) })
	}
}
