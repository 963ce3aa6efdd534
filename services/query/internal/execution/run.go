package execution

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
	"github.com/platformbuilds/mirador-core/services/query/internal/relay"
	"github.com/platformbuilds/mirador-core/services/query/internal/resultcache"
	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

// job is one answer to be made.
type job struct {
	call Call
	id   *identity.Identity
	// epoch of the definitions in the answer.
	epoch uint64
	// message of a failure, bad of a faulty request.
	message, bad string
	// kind of query for metrics, empty for listings.
	kind string
	// request to the back end.
	request read.Request
	// key of the answer, without what every key has.
	route, query string
	params       []string
	// dataBegin precedes the back end's data.
	dataBegin []byte
	// ttl of the answer in the cache.
	ttl time.Duration
	// tail of the public body; ttl is added.
	tail relay.Finisher
}

// begin starts a job of the context's identity.
func (s *Service) begin(ctx context.Context, c Call, bad, message string) (job, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return job{}, err
	}
	return job{call: c, id: id, epoch: max(c.Epoch, s.Epochs.Epoch(id.Tenant)), message: message, bad: bad}, nil
}

// run answers from the cache or makes the answer, within the deadline.
func (s *Service) run(ctx context.Context, j job) error {
	timeout, err := s.timeout(j.bad, j.call)
	if err != nil {
		return err
	}
	if end, ok := ctx.Deadline(); !ok || time.Until(end) > timeout {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	hit, lead, err := s.look(ctx, j)
	if err != nil {
		return failed(waited(err), j.message)
	}
	if hit != nil {
		return s.Relay.Replay(j.call.To, hit.Body, hit.TTL, j.header())
	}
	defer lead.Close()
	return s.make(ctx, j, lead)
}

func (s *Service) look(ctx context.Context, j job) (*resultcache.Hit, *resultcache.Lead, error) {
	if j.call.NoCache || j.ttl <= 0 {
		return nil, s.Cache.Bypass(), nil
	}
	return s.Cache.Begin(ctx, resultcache.Key{
		Tenant: j.id.Tenant, Account: j.id.TenantPath(), Scope: j.id.ScopeDigest(),
		Route: j.route, Query: j.query, Params: j.params, Epoch: j.epoch,
	})
}

// make asks the back end and relays its answer.
func (s *Service) make(ctx context.Context, j job, lead *resultcache.Lead) error {
	limits := s.Limits(j.id.Tenant)
	leave, err := s.gate.Enter(j.message, j.id.Tenant, limits.Concurrent)
	if err != nil {
		return err
	}
	defer leave()
	began := s.Now()
	body, err := s.Backend.Read(ctx, j.id, j.request)
	if err != nil {
		return failed(err, j.message)
	}
	defer body.Close()
	_, err = s.Relay.Copy(ctx, j.call.To, body, relay.Job{
		DataBegin: j.dataBegin, MaxSeries: limits.Series, Header: j.header(), Message: j.message, Tee: lead,
		Finish: func(ctx context.Context, facts splice.Facts) (relay.Tail, error) {
			tail, err := j.tail(ctx, facts)
			if len(tail.Warnings) == 0 {
				tail.TTL = j.ttl
			}
			return tail, err
		},
	})
	if j.kind != "" {
		s.Observe(j.kind, j.id.Tenant, s.Now().Sub(began))
	}
	return err
}

func (j job) header() metadata.MD {
	return metadata.Pairs(rpc.KeyEpoch, strconv.FormatUint(j.epoch, 10))
}

// plain is the tail of listings and of Prometheus' own shape.
func plain(context.Context, splice.Facts) (relay.Tail, error) { return relay.Tail{}, nil }
