package metrics

import (
	"testing"

	"github.com/platformbuilds/mirador-core/devstack/internal/transcript"
)

// differences is the whole list: TestConformance* fails when an exchange
// outside of it does not pass, and when one of it does.
func differences() transcript.Differences {
	return transcript.Differences{
		{Reason: "The protobuf library words a decoding error in its own way.", Exchanges: []string{
			"victoriametrics/01-import/import_otlp_garbage", "victoriametrics-cluster/01-import/import_otlp_garbage",
		}},
		{Reason: "Among series of equal value `topk` keeps the first, the real server the last.", Exchanges: []string{
			"victoriametrics/02-query/query_topk", "victoriametrics-cluster/02-query/query_topk",
		}},
		{Reason: "`trace=1` gives the root of the trace only: the inner steps are the real server's own.", Exchanges: []string{
			"victoriametrics/02-query/query_trace", "victoriametrics/03-query-range/range_trace",
			"victoriametrics-cluster/02-query/query_trace", "victoriametrics-cluster/03-query-range/range_trace",
		}},
		{Reason: "The recorded index held one bucket series twice (47 for 46 different ones).", Exchanges: []string{
			"victoriametrics/05-series-labels-metadata/series_count", "victoriametrics/05-series-labels-metadata/status_tsdb",
			"victoriametrics/05-series-labels-metadata/status_tsdb_focus", "victoriametrics/06-filters/extra_filters_series_count",
		}},
		{Reason: "TSDB status: a real cluster adds up what each storage node shows and so under-counts.", Exchanges: []string{
			"victoriametrics-cluster/05-series-labels-metadata/status_tsdb", "victoriametrics-cluster/05-series-labels-metadata/status_tsdb_focus",
			"victoriametrics-cluster/09-storage-both-up/status_tsdb_both_up",
		}},
		{Reason: "`status/top_queries` is not there: no query statistics are kept.", Exchanges: []string{
			"victoriametrics/05-series-labels-metadata/status_top_queries", "victoriametrics-cluster/05-series-labels-metadata/status_top_queries",
		}},
		{Reason: "Federation writes labels in alphabetical order, the real server in the order of their arrival.", Exchanges: []string{
			"victoriametrics/06-filters/extra_filters_federate", "victoriametrics/07-export-federate-health/federate",
			"victoriametrics-cluster/06-filters/extra_filters_federate", "victoriametrics-cluster/07-export-federate-health/federate",
		}},
		{Reason: "No web pages, no Graphite API, none of the real server's own metrics.", Exchanges: []string{
			"victoriametrics/07-export-federate-health/root", "victoriametrics/07-export-federate-health/vmui",
			"victoriametrics/07-export-federate-health/metrics_head", "victoriametrics-cluster/08-tenants/select_root",
			"victoriametrics-cluster/08-tenants/vmui_tenant", "victoriametrics-cluster/08-tenants/graphite_find",
		}},
		{Reason: "A timeout below 5 s counts as 5 s, so that tests of it are not a matter of luck.", Exchanges: []string{
			"victoriametrics-cluster/04-errors/timeout_1ms_not_hit",
		}},
		{Reason: "Inserting and selecting have one port: nothing tells that the wrong one was asked.", Exchanges: []string{
			"victoriametrics-cluster/08-tenants/insert_on_vmselect_port",
		}},
		{Reason: "On `/select/multitenant` a forged tenant label is replaced by the true one instead of standing twice.", Exchanges: []string{
			"victoriametrics-cluster/08-tenants/multitenant_count_by",
		}},
		{Reason: "On `/select/multitenant` the label names include `__name__`.", Exchanges: []string{
			"victoriametrics-cluster/08-tenants/multitenant_labels",
		}},
		{Reason: "There are no storage nodes that could restart or be down: answers are whole, metadata lives as long as the process.", Exchanges: storageExchanges()},
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

// TestDifferences finds names that no transcript has and keeps the table in
// the README equal to the list; UPDATE_README=1 writes it.
func TestDifferences(t *testing.T) {
	differences().Check(t, "differences", append(transcript.Read(t, singleNode), transcript.Read(t, manyNodes)...))
}
