package logs

import (
	"testing"

	"github.com/platformbuilds/mirador-core/devstack/internal/transcript"
)

// differences is the whole list: TestConformance fails when an exchange
// outside of it does not pass, and when one of it does.
func differences() transcript.Differences {
	return transcript.Differences{
		{Reason: "Rows are not kept in blocks of columns: nothing tells of their types and sizes.", Exchanges: []string{
			"victorialogs/03-logsql-filters/value_type", "victorialogs/04-pipes/block_stats",
		}},
		{Reason: "Rows of one time come in order of arrival, equally frequent values in order of the alphabet; the real server has no order for them, so a limit keeps others.", Exchanges: []string{
			"victorialogs/04-pipes/limit", "victorialogs/04-pipes/head", "victorialogs/04-pipes/stats_values", "victorialogs/04-pipes/facets_pipe",
			"victorialogs/05-fields-streams-hits-facets/field_values_limit", "victorialogs/05-fields-streams-hits-facets/streams_limit",
			"victorialogs/06-stats-query/stats_query_sort_limit", "victorialogs/06-stats-query/range_sorted",
		}},
		{Reason: "A field with more values than `max_values_per_field` is left out; the real server counts by worker and shows what single workers saw.", Exchanges: []string{
			"victorialogs/05-fields-streams-hits-facets/facets_max_values_per_field",
		}},
		{Reason: "The JSON library words a decoding error in its own way.", Exchanges: []string{"victorialogs/01-insert/loki_bad_json"}},
		{Reason: "No web pages, no flags, none of the real server's own metrics.", Exchanges: []string{
			"victorialogs/11-health-misc/root", "victorialogs/11-health-misc/vmui", "victorialogs/11-health-misc/metrics", "victorialogs/11-health-misc/flags",
		}},
	}
}

// TestDifferences finds names that no transcript has and keeps the table in
// the README equal to the list; UPDATE_README=1 writes it.
func TestDifferences(t *testing.T) {
	differences().Check(t, "differences of logs", transcript.Read(t, "victorialogs"))
}
