package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"faturad/providers/kolaybi/kolaybisim"
	"faturad/providers/propars/proparssim"
	"faturad/providers/turkcell/turkcellsim"
)

// simulateCommand runs a simulator alone, for a faturad that runs elsewhere on this machine.
func simulateCommand(out io.Writer) *cobra.Command {
	simulate := &cobra.Command{
		Use:   "simulate PROVIDER",
		Short: "Run a simulated provider alone",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageError{fmt.Errorf("say which provider: faturad-demo simulate turkcell|kolaybi|propars")}
		},
	}
	simulate.AddCommand(simulateKolayBi(out), simulatePropars(out))
	var listen, pace string
	var o turkcellsim.Options
	command := &cobra.Command{
		Use:   "turkcell",
		Short: "Run the simulator of Turkcell e-Şirket until Ctrl-C",
		Long: `Run the simulator of Turkcell e-Şirket until Ctrl-C. Its doors under /_sim show what it accepted, set faults, move
its clock and add incoming invoices; GET /_sim/ lists them.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			mode, ok := map[string]turkcellsim.PaceMode{
				"clock": turkcellsim.PaceClock, "poll": turkcellsim.PacePerPoll, "instant": turkcellsim.PaceInstant,
			}[pace]
			if !ok {
				return usageError{fmt.Errorf("the pace %q is not known: use clock, poll or instant", pace)}
			}
			if o.Latency < 0 {
				return usageError{fmt.Errorf("a latency of %s is in the past: use 0 or more", o.Latency)}
			}
			o.Pace = turkcellsim.Pace{Mode: mode, Answer: 10 * time.Second}
			return turkcellsim.ListenAndServe(cmd.Context(), listen, o, out)
		},
	}
	f := command.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:8080", "`ADDR` to listen on; port 0 takes a free one")
	f.DurationVar(&o.Latency, "latency", 0, "how long every call takes")
	f.StringVar(&o.APIKey, "key", turkcellsim.DefaultAPIKey, "the `KEY` that is accepted")
	f.StringVar(&pace, "pace", "clock", "what moves a document on: clock (2 s a stage), poll (each status question) or instant")
	simulate.AddCommand(command)
	return simulate
}

// simulateKolayBi runs KolayBi alone.
func simulateKolayBi(out io.Writer) *cobra.Command {
	var listen string
	var o kolaybisim.Options
	cmd := &cobra.Command{
		Use:   kolaybi,
		Short: "Run the simulator of KolayBi until Ctrl-C",
		Long: `Run the simulator of KolayBi until Ctrl-C. Its doors under /_sim show documents and drafts, set faults, move its clock,
end sessions and add incoming invoices; GET /_sim/ lists them.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Latency < 0 {
				return usageError{fmt.Errorf("a latency of %s is in the past: use 0 or more", o.Latency)}
			}
			return kolaybisim.ListenAndServe(cmd.Context(), listen, o, out)
		},
	}
	f := cmd.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:8080", "`ADDR` to listen on; port 0 takes a free one")
	f.DurationVar(&o.Latency, "latency", 0, "how long every call takes")
	f.StringVar(&o.APIKey, "key", kolaybisim.DefaultAPIKey, "the `KEY` that is accepted")
	f.StringVar(&o.Channel, "channel", kolaybisim.DefaultChannel, "the `CHANNEL` that is accepted")
	f.StringSliceVar(&o.Taxpayers, "taxpayer", nil, "tax `NUMBER` of an e-Fatura user; repeat or separate by commas")
	return cmd
}

// simulatePropars runs Propars alone.
func simulatePropars(out io.Writer) *cobra.Command {
	var listen string
	var o proparssim.Options
	cmd := &cobra.Command{
		Use:   propars,
		Short: "Run the simulator of Propars until Ctrl-C",
		Long: `Run the simulator of Propars until Ctrl-C. Its doors under /_sim show what was sent and what was only made, set faults, move
its clock, end sessions and add incoming invoices; GET /_sim/ lists them.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Latency < 0 {
				return usageError{fmt.Errorf("a latency of %s is in the past: use 0 or more", o.Latency)}
			}
			return proparssim.ListenAndServe(cmd.Context(), listen, o, out)
		},
	}
	f := cmd.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:8080", "`ADDR` to listen on; port 0 takes a free one")
	f.DurationVar(&o.Latency, "latency", 0, "how long every call takes")
	f.StringVar(&o.Username, "username", proparssim.DefaultUsername, "the `ACCOUNT` that is accepted")
	f.StringVar(&o.Password, "password", proparssim.DefaultPassword, "the `PASSWORD` that is accepted")
	f.StringSliceVar(&o.Taxpayers, "taxpayer", nil, "tax `NUMBER` of an e-Fatura user; repeat or separate by commas")
	return cmd
}
