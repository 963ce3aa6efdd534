package metrics

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// difference is one reason for which the stand-in answers recorded exchanges
// otherwise, with those exchanges.
type difference struct {
	reason    string
	exchanges []string
}

// differences is the whole list: TestConformance* fails when an exchange
// outside of it does not pass, and when one of it does.
func differences() []difference {
	return []difference{
		{"The protobuf library words a decoding error in its own way.", []string{
			"victoriametrics/01-import/import_otlp_garbage", "victoriametrics-cluster/01-import/import_otlp_garbage",
		}},
		{"Among series of equal value `topk` keeps the first, the real server the last.", []string{
			"victoriametrics/02-query/query_topk", "victoriametrics-cluster/02-query/query_topk",
		}},
		{"`trace=1` gives the root of the trace only: the inner steps are the real server's own.", []string{
			"victoriametrics/02-query/query_trace", "victoriametrics/03-query-range/range_trace",
			"victoriametrics-cluster/02-query/query_trace", "victoriametrics-cluster/03-query-range/range_trace",
		}},
		{"The recorded index held one bucket series twice (47 for 46 different ones).", []string{
			"victoriametrics/05-series-labels-metadata/series_count", "victoriametrics/05-series-labels-metadata/status_tsdb",
			"victoriametrics/05-series-labels-metadata/status_tsdb_focus", "victoriametrics/06-filters/extra_filters_series_count",
		}},
		{"TSDB status: a real cluster adds up what each storage node shows and so under-counts.", []string{
			"victoriametrics-cluster/05-series-labels-metadata/status_tsdb", "victoriametrics-cluster/05-series-labels-metadata/status_tsdb_focus",
			"victoriametrics-cluster/09-storage-both-up/status_tsdb_both_up",
		}},
		{"`status/top_queries` is not there: no query statistics are kept.", []string{
			"victoriametrics/05-series-labels-metadata/status_top_queries", "victoriametrics-cluster/05-series-labels-metadata/status_top_queries",
		}},
		{"Federation writes labels in alphabetical order, the real server in the order of their arrival.", []string{
			"victoriametrics/06-filters/extra_filters_federate", "victoriametrics/07-export-federate-health/federate",
			"victoriametrics-cluster/06-filters/extra_filters_federate", "victoriametrics-cluster/07-export-federate-health/federate",
		}},
		{"No web pages, no Graphite API, none of the real server's own metrics.", []string{
			"victoriametrics/07-export-federate-health/root", "victoriametrics/07-export-federate-health/vmui",
			"victoriametrics/07-export-federate-health/metrics_head", "victoriametrics-cluster/08-tenants/select_root",
			"victoriametrics-cluster/08-tenants/vmui_tenant", "victoriametrics-cluster/08-tenants/graphite_find",
		}},
		{"A timeout below 5 s counts as 5 s, so that tests of it are not a matter of luck.", []string{
			"victoriametrics-cluster/04-errors/timeout_1ms_not_hit",
		}},
		{"Inserting and selecting have one port: nothing tells that the wrong one was asked.", []string{
			"victoriametrics-cluster/08-tenants/insert_on_vmselect_port",
		}},
		{"On `/select/multitenant` a forged tenant label is replaced by the true one instead of standing twice.", []string{
			"victoriametrics-cluster/08-tenants/multitenant_count_by",
		}},
		{"On `/select/multitenant` the label names include `__name__`.", []string{
			"victoriametrics-cluster/08-tenants/multitenant_labels",
		}},
		{"There are no storage nodes that could restart or be down: answers are whole, metadata lives as long as the process.", storageExchanges()},
	}
}

func storageExchanges() (all []string) {
	all = append(all, "victoriametrics-cluster/09-storage-both-up/metadata_both_up")
	for _, name := range []string{"query", "query_range", "series", "labels", "label_values", "status_tsdb", "export", "metadata", "admin_tenants", "query_deny_partial", "series_deny_partial"} {
		all = append(all, "victoriametrics-cluster/10-storage-one-down/"+name+"_one_down",
			"victoriametrics-cluster/11-storage-all-down/"+name+"_all_down")
	}
	return all
}

func differencesByID() map[string]string {
	all := map[string]string{}
	for _, d := range differences() {
		for _, id := range d.exchanges {
			all[id] = d.reason
		}
	}
	return all
}

// TestDifferencesAreRecorded finds names that no transcript has.
func TestDifferencesAreRecorded(t *testing.T) {
	known := differencesByID()
	for _, folder := range []string{"victoriametrics", "victoriametrics-cluster"} {
		for _, e := range readTranscripts(t, folder) {
			delete(known, e.id())
		}
	}
	if len(known) > 0 {
		t.Errorf("not recorded: %v", slices.Collect(maps.Keys(known)))
	}
}

// TestREADMEListsDifferences keeps the table in the README equal to the list;
// UPDATE_README=1 writes it.
func TestREADMEListsDifferences(t *testing.T) {
	const file, from, to = "../../README.md", "<!-- differences: written by the test -->\n", "<!-- end of differences -->\n"
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(have), from)
	_, tail, closed := strings.Cut(rest, to)
	if !ok || !closed {
		t.Fatalf("%s has no place for the table", file)
	}
	want := head + from + table() + to + tail
	if want == string(have) {
		return
	}
	if os.Getenv("UPDATE_README") == "" {
		t.Fatalf("the table in %s is old: run this test with UPDATE_README=1", file)
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func table() string {
	var b strings.Builder
	b.WriteString("| what is answered otherwise | exchanges |\n| --- | --- |\n")
	for _, d := range differences() {
		names := make([]string, len(d.exchanges))
		for i, id := range d.exchanges {
			names[i] = "`" + id[strings.LastIndex(id, "/")+1:] + "`"
		}
		slices.Sort(names)
		fmt.Fprintf(&b, "| %s | %s |\n", d.reason, strings.Join(slices.Compact(names), " "))
	}
	return b.String()
}
