package main

import (
	"faturad/sync/archive"
	"faturad/sync/followup"
	"faturad/sync/inbound"
	"faturad/sync/ledger"
	"faturad/sync/outbound"
	"faturad/sync/registry"
)

// The parts of a sync's report in JSON. What stopped a pass stands in the report's errors.
type (
	reportJSON struct {
		Company   string               `json:"company"`
		Registry  *registryJSON        `json:"registry,omitempty"` // absent = the list was fresh, or was not asked for
		Outbound  *outboundJSON        `json:"outbound,omitempty"`
		Followup  *followupJSON        `json:"followup,omitempty"`
		Answers   *answersJSON         `json:"answers,omitempty"`
		Inbound   *inboundJSON         `json:"inbound,omitempty"`
		Writeback *writebackJSON       `json:"writeback,omitempty"`
		Archive   *archivedJSON        `json:"archive,omitempty"` // absent = there is no archive
		States    map[ledger.State]int `json:"states"`
		Errors    []string             `json:"errors"`
	}
	registryJSON struct {
		Taxpayers int `json:"taxpayers"`
		Mailboxes int `json:"mailboxes"`
		Skipped   int `json:"skipped"`
		Bad       int `json:"bad"`
		Before    int `json:"taxpayers_before"`
	}
	outboundJSON struct {
		Discovered int `json:"discovered"`
		Rebuilt    int `json:"rebuilt"`
		Recalled   int `json:"recalled"`
		Changed    int `json:"changed"`
		Held       int `json:"held"`
		Cancelled  int `json:"cancelled"`
		Sent       int `json:"sent"`
		Drafts     int `json:"drafts"`
		Refused    int `json:"refused"`
		Unknown    int `json:"unknown"`
		Disputed   int `json:"disputed"`
		Deferred   int `json:"deferred"`
		Waiting    int `json:"waiting"`
	}
	followupJSON struct {
		Polled    int `json:"polled"`
		Moved     int `json:"moved"`
		Adopted   int `json:"adopted"`
		Resent    int `json:"resent"`
		Refused   int `json:"refused"`
		Disputed  int `json:"disputed"`
		Unsettled int `json:"unsettled"`
	}
	answersJSON struct {
		Opened  int `json:"opened"`
		Taken   int `json:"taken"`
		Sent    int `json:"sent"`
		Decided int `json:"decided"`
		Refused int `json:"refused"`
		Unknown int `json:"unknown"`
		Due     int `json:"due"`
	}
	inboundJSON struct {
		Listed       int `json:"listed"`
		Stored       int `json:"stored"`
		Found        int `json:"found"` // of these, somebody else had cleared the new flag
		Reopened     int `json:"reopened"`
		Projected    int `json:"projected"`
		Acknowledged int `json:"acknowledged"`
		Quarantined  int `json:"quarantined"`
		Failed       int `json:"failed"`
		StillNew     int `json:"still_new"`
		Files        int `json:"files"`
	}
	archivedJSON struct {
		Entered int `json:"entered"`
		Renewed int `json:"renewed"`
		Stored  int `json:"stored"`
		Failed  int `json:"failed"`
		Shown   int `json:"shown"`
	}
	writebackJSON struct {
		Written   int `json:"written"`
		Unwritten int `json:"unwritten"`
	}
)

func reportsJSON(reports []syncReport) []reportJSON {
	out := make([]reportJSON, len(reports))
	for i, r := range reports {
		out[i] = reportJSON{
			Company: r.Company, Registry: asRegistry(r.Registry), Outbound: asOutbound(r.Outbound), Followup: asFollowup(r.Followup), Answers: asAnswers(r.Answers),
			Inbound: asInbound(r.Inbound), Writeback: asWriteback(r.Writeback), Archive: asArchived(r.Archive), States: r.States, Errors: r.Errors,
		}
	}
	return out
}

func asRegistry(r *registry.Result) *registryJSON {
	if r == nil {
		return nil
	}
	return &registryJSON{r.Taxpayers, r.Mailboxes, r.Skipped, r.Bad, r.Before.Taxpayers}
}

func asOutbound(r *outbound.Result) *outboundJSON {
	if r == nil {
		return nil
	}
	return &outboundJSON{r.Discovered, r.Rebuilt, r.Recalled, r.Changed, r.Held, r.Cancelled, r.Sent, r.Drafts, r.Refused, r.Unknown, r.Disputed, r.Deferred, r.Waiting}
}

func asFollowup(r *followup.Result) *followupJSON {
	if r == nil {
		return nil
	}
	return &followupJSON{r.Polled, r.Moved, r.Adopted, r.Resent, r.Refused, r.Disputed, r.Unsettled}
}

func asAnswers(r *followup.AnswersResult) *answersJSON {
	if r == nil {
		return nil
	}
	return &answersJSON{r.Opened, r.Taken, r.Sent, r.Decided, r.Refused, r.Unknown, r.Due}
}

func asInbound(r *inbound.Result) *inboundJSON {
	if r == nil {
		return nil
	}
	return &inboundJSON{r.Listed, r.Stored, r.Found, r.Reopened, r.Projected, r.Acknowledged, r.Quarantined, r.Failed, r.StillNew, r.Files}
}

func asWriteback(r *followup.Result) *writebackJSON {
	if r == nil {
		return nil
	}
	return &writebackJSON{r.Written, r.Unwritten}
}

func asArchived(r *archive.Result) *archivedJSON {
	if r == nil {
		return nil
	}
	return &archivedJSON{r.Entered, r.Renewed, r.Stored, r.Failed, r.Shown}
}
