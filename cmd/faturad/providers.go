package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"faturad/internal/config"
	"faturad/providers"
	"faturad/providers/all"
)

// providerJSON is what is known about a provider, in JSON.
type providerJSON struct {
	Kind        string            `json:"kind"`
	Title       string            `json:"title"`
	About       string            `json:"about"`
	Checked     string            `json:"checked"` // day on which its facts were last checked
	Addresses   []addressJSON     `json:"addresses"`
	Credentials []settingJSON     `json:"credentials"`
	Options     []settingJSON     `json:"options"`
	Promises    map[string]string `json:"promises"`
	Can         map[string]bool   `json:"can"`
	Limits      []string          `json:"limits"`
	Assumed     []string          `json:"assumed"`
	Links       []string          `json:"links"`
	Accounts    []accountJSON     `json:"accounts"` // of this config
}

type addressJSON struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

type settingJSON struct {
	Key     string `json:"key"`
	Default string `json:"default"`
	Meaning string `json:"meaning"`
	Secret  bool   `json:"secret"`
	Assumed bool   `json:"assumed"`
}

type accountJSON struct {
	Company string `json:"company"`
	Account string `json:"account"`
	Active  bool   `json:"active"`
}

func (c *cli) providersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "providers [KIND]",
		Short: "Print what each provider can do, and which accounts of this config use it",
		Long: `Without a KIND: one row a provider. With one: its credentials, settings with defaults, promises, abilities and limits, as in
docs/providers. "(assumed)" marks what nobody could confirm. Nothing is asked of any provider. Where there is no config at
/etc/faturad/faturad.toml yet, no accounts are shown; a config that is named must be there.`,
		Args:      takesOneOf("provider", all.Kinds()),
		ValidArgs: all.Kinds(),
		RunE: func(cmd *cobra.Command, args []string) error {
			kinds := all.Kinds()
			if len(args) == 1 {
				kinds = args
			}
			accounts, err := c.accountsByKind(cmd.Flags().Changed("config"))
			if err != nil {
				return err
			}
			return c.providers(kinds, accounts, len(args) == 1)
		},
	}
}

// accountsByKind reads which accounts of the config use which provider. Without a named config there may be none.
func (c *cli) accountsByKind(named bool) (map[string][]accountJSON, error) {
	if _, err := os.Stat(c.config); errors.Is(err, fs.ErrNotExist) && !named && c.company == "" {
		return nil, nil
	}
	cfg, err := c.load()
	if err != nil {
		return nil, err
	}
	return c.sortAccounts(cfg), nil
}

func (c *cli) sortAccounts(cfg config.Config) map[string][]accountJSON {
	out := map[string][]accountJSON{}
	for _, company := range cfg.Companies {
		if c.company != "" && c.company != company.Name {
			continue
		}
		for _, a := range company.Accounts {
			out[a.Kind] = append(out[a.Kind], accountJSON{company.Name, a.Name, a.Active})
		}
	}
	return out
}

func (c *cli) providers(kinds []string, accounts map[string][]accountJSON, whole bool) error {
	list := make([]providerJSON, 0, len(kinds))
	var rows [][]string
	for _, kind := range kinds {
		d, known := all.Describe(kind)
		promises, abilities, err := all.Promises(kind)
		if err != nil || !known {
			return err
		}
		list = append(list, described(d, promises, abilities, accounts[kind]))
		can := 0
		for _, a := range abilities {
			if a.Has {
				can++
			}
		}
		rows = append(rows, []string{kind, d.Title, d.Checked, fmt.Sprintf("%d of %d", can, len(abilities)), cmp.Or(named(accounts[kind]), "-")})
		if whole && !c.json {
			return c.printProvider(d, promises, abilities, accounts[kind])
		}
	}
	if c.json {
		return c.printJSON(map[string]any{"providers": list})
	}
	return c.table([]string{"KIND", "PROVIDER", "CHECKED", "CAN", "ACCOUNTS"}, rows)
}

// named is how a person reads accounts.
func named(accounts []accountJSON) string {
	names := make([]string, len(accounts))
	for i, a := range accounts {
		if names[i] = a.Company + "/" + a.Account; a.Active {
			names[i] += " (active)"
		}
	}
	return strings.Join(names, ", ")
}

func described(d providers.Descriptor, c providers.Capabilities, abilities []providers.Ability, accounts []accountJSON) providerJSON {
	out := providerJSON{
		Kind: d.Kind, Title: d.Title, About: d.About, Checked: d.Checked, Limits: d.Limits, Assumed: d.Assumed, Credentials: settings(d.Credentials),
		Options: settings(d.Options), Promises: map[string]string{}, Can: map[string]bool{}, Accounts: append([]accountJSON{}, accounts...),
	}
	for _, a := range d.Addresses {
		out.Addresses = append(out.Addresses, addressJSON(a))
	}
	for _, p := range c.Promises() {
		out.Promises[p.Name] = p.Value
	}
	for _, a := range abilities {
		out.Can[a.Name] = a.Has
	}
	for _, l := range d.Links {
		out.Links = append(out.Links, l.URL)
	}
	return out
}

func settings(in []providers.Setting) []settingJSON {
	out := make([]settingJSON, len(in))
	for i, s := range in {
		out[i] = settingJSON{s.Key, s.Default, strings.ReplaceAll(s.Meaning, "`", ""), s.Secret, s.Assumed}
	}
	return out
}

// printProvider shows one provider to a person.
func (c *cli) printProvider(d providers.Descriptor, p providers.Capabilities, abilities []providers.Ability, accounts []accountJSON) error {
	c.printf("%s: %s\nchecked %s\naccounts of this config: %s\n", d.Title, d.About, d.Checked, cmp.Or(named(accounts), "none"))
	for _, a := range d.Addresses {
		c.printf("%s: %s\n", a.Name, a.URL)
	}
	c.printf("\n")
	var rows [][]string
	for _, s := range append(settings(d.Credentials), settings(d.Options)...) {
		standard := cmp.Or(s.Default, "-")
		if s.Assumed {
			standard += " (assumed)"
		}
		rows = append(rows, []string{s.Key, standard, s.Meaning})
	}
	if err := c.table([]string{"SETTING", "DEFAULT", "MEANING"}, rows); err != nil {
		return err
	}
	c.printf("\n")
	rows = nil
	for _, promise := range p.Promises() {
		rows = append(rows, []string{promise.Text, promise.Value})
	}
	for _, a := range abilities {
		rows = append(rows, []string{a.Does, map[bool]string{true: "yes", false: "no"}[a.Has]})
	}
	if err := c.table([]string{"IT", "ANSWER"}, rows); err != nil {
		return err
	}
	for _, l := range d.Limits {
		c.printf("\n- %s", l)
	}
	for _, l := range d.Assumed {
		c.printf("\n- assumed: %s", l)
	}
	c.printf("\n")
	return nil
}
