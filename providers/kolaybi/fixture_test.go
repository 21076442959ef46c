package kolaybi_test

import (
	"faturad/internal/invoice"
	"faturad/providers"
	"faturad/providers/providertest"
)

// sample is a sale that KolayBi can carry: its markup-laden name included.
func sample(n int) providers.Draft { return providertest.Sample(invoice.EArsiv, n) }
