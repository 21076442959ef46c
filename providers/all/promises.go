package all

import (
	"fmt"
	"log/slog"

	"faturad/internal/clock"
	"faturad/providers"
)

// Promises is what a kind of provider says of itself with default settings: what it promises, and which optional
// interfaces it has. It asks nothing of the network.
func Promises(kind string) (providers.Capabilities, []providers.Ability, error) {
	d, known := Describe(kind)
	if !known {
		return providers.Capabilities{}, nil, fmt.Errorf("there is no provider %q", kind)
	}
	a := Account{BaseURL: d.Addresses[0].URL}
	for _, s := range d.Credentials {
		value := map[string]*string{"api_key": &a.APIKey, "channel": &a.Channel, "username": &a.Username, "password": &a.Password}[s.Key]
		if value != nil && !s.Instead {
			*value = "none"
		}
	}
	p, err := New(kind, a, clock.Real{}, slog.New(slog.DiscardHandler))
	if err != nil {
		return providers.Capabilities{}, nil, fmt.Errorf("asking %s what it promises: %w", kind, err)
	}
	return p.Capabilities(), providers.Abilities(p), nil
}
