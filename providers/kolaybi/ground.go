package kolaybi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

// grounded is what Ground hands to Send: ids of KolayBi's own records.
type grounded struct {
	Contact  int64            `json:"contact_id,omitempty"`
	Address  int64            `json:"address_id,omitempty"`
	Products map[string]int64 `json:"products,omitempty"` // by code
}

// Grounds says that a draft stands on a contact with an address, and on products.
func (p *Provider) Grounds() []providers.Ground {
	return []providers.Ground{providers.GroundContact, providers.GroundProduct}
}

// Ground finds or makes the records of one kind.
func (p *Provider) Ground(ctx context.Context, kind providers.Ground, o providers.Outgoing) ([]byte, error) {
	sale, err := thaw(o.Payload)
	if err != nil {
		return nil, err
	}
	var out grounded
	if kind == providers.GroundContact {
		out.Contact, out.Address, err = p.contact(ctx, sale.Contact, sale.Address)
	} else {
		out.Products, err = p.products(ctx, sale.Products)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

// contactRow is a contact as KolayBi gives it.
type contactRow struct {
	ID       number64     `json:"id"`
	Name     string       `json:"name"`
	Surname  string       `json:"surname"`
	Identity text         `json:"identity_no"`
	Address  []addressRow `json:"address"`

	// Nil where the answer does not tell them: not compared.
	TaxOffice *string `json:"tax_office"`
	Email     *string `json:"email"`
	Phone     *text   `json:"phone"`
	Code      text    `json:"code"`
}

type addressRow struct {
	ID       number64 `json:"id"`
	Text     string   `json:"address"`
	District string   `json:"district"`
	City     string   `json:"city"`
	Country  string   `json:"country_name"`
	Misspelt string   `json:"coutry_name"` // seen in one client
}

// contact finds the buyer by tax number and name, else makes it; then the address.
func (p *Provider) contact(ctx context.Context, want contact, at address) (contactID, addressID int64, err error) {
	row, found, err := p.findContact(ctx, want, true)
	if err != nil {
		return 0, 0, err
	}
	if !found && p.cfg.UpdateContacts && !placeholder(want.Identity) { // it may have changed its name
		if row, found, err = p.findContact(ctx, want, false); err != nil {
			return 0, 0, err
		}
	}
	if !found {
		row, err = p.makeContact(ctx, want)
		if err != nil {
			return 0, 0, err
		}
	}
	if p.cfg.UpdateContacts && !placeholder(want.Identity) {
		if row, err = p.updateContact(ctx, row, want); err != nil {
			return 0, 0, err
		}
	}
	for _, a := range row.Address {
		if sameAddress(a, at) {
			return int64(row.ID), int64(a.ID), nil
		}
	}
	at.Contact = int64(row.ID)
	e, err := p.client.write(ctx, request{doing: "making an address at kolaybi", use: useRecord, method: http.MethodPost, path: "/address/create", body: at})
	if err != nil {
		return 0, 0, err
	}
	var made addressRow
	if one(e.Data, &made) != nil || made.ID == 0 {
		return 0, 0, p.client.unread(request{doing: "making an address at kolaybi", use: useRecord}, http.StatusOK, e.raw, "the new address has no id")
	}
	return int64(row.ID), int64(made.ID), nil
}

func (p *Provider) findContact(ctx context.Context, want contact, byName bool) (contactRow, bool, error) {
	r := request{doing: "looking for a contact at kolaybi", use: useLookup, method: http.MethodGet, path: "/associates", limit: maxList,
		query: url.Values{"identity_no": {want.Identity}, "per_page": {strconv.Itoa(p.cfg.PerPage)}}}
	var found contactRow
	err := p.pages(ctx, r, false, func(rows json.RawMessage, _ *pagination) (int, error) {
		var list []contactRow
		if err := json.Unmarshal(rows, &list); err != nil {
			return 0, err
		}
		for _, c := range list { // the filter may be ignored: compare
			same := fold(c.Name+" "+c.Surname) == fold(want.Name+" "+want.Surname)
			if string(c.Identity) == want.Identity && (same || !byName) && (found.ID == 0 || c.ID < found.ID) {
				found = c
			}
		}
		return len(list), nil
	})
	if errors.Is(err, fault.NotFound) {
		return contactRow{}, false, nil
	}
	return found, found.ID != 0, err
}

// makeContact makes the buyer. Where KolayBi says that it exists already, a tax number of its own decides whose contact it is;
// placeholders name nobody.
func (p *Provider) makeContact(ctx context.Context, want contact) (contactRow, error) {
	r := request{doing: "making a contact at kolaybi", use: useRecord, method: http.MethodPost, path: "/associates", body: want}
	e, err := p.client.write(ctx, r)
	if errors.Is(err, fault.Duplicate) {
		if !placeholder(want.Identity) {
			if row, found, err := p.findContact(ctx, want, false); err != nil || found {
				return row, err
			}
		}
		failure, _ := errors.AsType[*fault.Error](err)
		return contactRow{}, &fault.Error{Class: fault.Permanent, Doing: r.doing, Status: failure.Status, Message: failure.Message, Code: "kolaybi.contact_exists",
			Answer: failure.Answer, Advice: "KolayBi panelinde aynı kimlik numaralı başka bir cari var: adını düzeltin ya da silin" + thenResync}
	}
	if err != nil {
		return contactRow{}, err
	}
	var row contactRow
	if one(e.Data, &row) != nil || row.ID == 0 {
		return contactRow{}, p.client.unread(r, http.StatusOK, e.raw, "the new contact has no id")
	}
	return row, nil
}

// placeholder says whether a tax number names nobody.
func placeholder(identity string) bool {
	return identity == invoice.FinalConsumer || identity == invoice.ForeignBuyer
}

// updateContact writes what the sale says over a contact that has something else (PUT associates/{id}, facts A2, seen in one
// client). What the sale does not say stays as it is. The same again changes nothing.
func (p *Provider) updateContact(ctx context.Context, have contactRow, want contact) (contactRow, error) {
	differs := fold(have.Name+" "+have.Surname) != fold(want.Name+" "+want.Surname)
	keep := func(said *string, known *string, unsaid string) {
		switch {
		case known == nil:
		case *said == "" || *said == unsaid && *known != "":
			*said = *known
		default:
			differs = differs || fold(*said) != fold(*known)
		}
	}
	keep(&want.TaxOffice, have.TaxOffice, otherOffice)
	keep(&want.Email, have.Email, "")
	keep(&want.Phone, (*string)(have.Phone), "")
	if !differs {
		return have, nil
	}
	want.Code, want.Type = string(have.Code), "" // customer or supplier is the account's own matter
	r := request{doing: "updating a contact at kolaybi", use: useRecord, method: http.MethodPut, path: "/associates/" + strconv.FormatInt(int64(have.ID), 10), body: want}
	e, err := p.client.write(ctx, r)
	if err != nil {
		return contactRow{}, err
	}
	var now contactRow
	if one(e.Data, &now) != nil || now.ID != have.ID {
		return contactRow{}, p.client.unread(r, http.StatusOK, e.raw, "the answer is about another contact")
	}
	if now.Address == nil {
		now.Address = have.Address
	}
	return now, nil
}

func sameAddress(have addressRow, want address) bool {
	country := have.Country
	if country == "" {
		country = have.Misspelt
	}
	return fold(have.Text) == fold(want.Text) && fold(have.District) == fold(want.District) && fold(have.City) == fold(want.City) &&
		(country == "" || fold(country) == fold(want.Country))
}

type productRow struct {
	ID   number64 `json:"id"`
	Code text     `json:"code"`
	Name string   `json:"name"`
}

// products finds each product by its code, else makes it.
func (p *Provider) products(ctx context.Context, wanted []product) (map[string]int64, error) {
	out := map[string]int64{}
	for _, want := range wanted {
		if out[want.Code] != 0 {
			continue
		}
		id, err := p.product(ctx, want)
		if err != nil {
			return nil, err
		}
		out[want.Code] = id
	}
	return out, nil
}

func (p *Provider) product(ctx context.Context, want product) (int64, error) {
	r := request{doing: "looking for a product at kolaybi", use: useLookup, method: http.MethodGet, path: "/products", limit: maxList,
		query: url.Values{"code": {want.Code}, "per_page": {strconv.Itoa(p.cfg.PerPage)}}}
	var found productRow
	err := p.pages(ctx, r, false, func(rows json.RawMessage, _ *pagination) (int, error) {
		var list []productRow
		if err := json.Unmarshal(rows, &list); err != nil {
			return 0, err
		}
		for _, row := range list {
			if string(row.Code) == want.Code && (found.ID == 0 || row.ID < found.ID) {
				found = row
			}
		}
		return len(list), nil
	})
	if err != nil && !errors.Is(err, fault.NotFound) {
		return 0, err
	}
	if found.ID != 0 {
		return int64(found.ID), nil
	}
	r = request{doing: "making a product at kolaybi", use: useRecord, method: http.MethodPost, path: "/products", body: want}
	e, err := p.client.write(ctx, r)
	if err != nil {
		return 0, err
	}
	if one(e.Data, &found) != nil || found.ID == 0 {
		return 0, p.client.unread(r, http.StatusOK, e.raw, "the new product has no id")
	}
	return int64(found.ID), nil
}

// number64 is an id that some answers write as text.
type number64 int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *number64) UnmarshalJSON(b []byte) error {
	var t text
	if err := t.UnmarshalJSON(b); err != nil || t == "" {
		return err
	}
	v, err := strconv.ParseInt(string(t), 10, 64)
	if err != nil {
		return fmt.Errorf("%q is no id", t)
	}
	*n = number64(v)
	return nil
}

// one reads data that is an object, or an array of one.
func one(data json.RawMessage, v any) error {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) == nil {
		if len(list) != 1 {
			return fmt.Errorf("%d rows instead of one", len(list))
		}
		data = list[0]
	}
	return json.Unmarshal(data, v)
}
