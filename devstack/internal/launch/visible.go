package launch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/serviceconfig"
	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
)

// visible is how long a back end may take until new series can be found: a
// real one takes 5 to 10 s.
const visible = 20 * time.Second

// awaitDemo asks through the gateway until the demo's newest samples are found,
// so that the printed curl lines have an answer.
func (s *stack) awaitDemo(ctx context.Context) error {
	if s.player == nil || !s.settings.MayWrite(settings.Metrics) {
		return nil
	}
	token, err := s.tokens.For(serviceconfig.Find(serviceconfig.Viewer))
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	end := time.Now().Add(visible)
	for {
		found, err := s.firstQuery(ctx, client, token)
		if found {
			return nil
		}
		if time.Now().After(end) {
			s.progress.left(demoPart, fmt.Sprintf("its newest samples cannot be found yet (%v)", err))
			return nil
		}
		s.progress.working(demoPart, "waiting until it can be found")
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// firstQuery says whether the newest samples of the shop can be queried. The
// time in it keeps the result cache out.
func (s *stack) firstQuery(ctx context.Context, client *http.Client, token string) (bool, error) {
	now := time.Now()
	body, err := json.Marshal(map[string]string{"query": "count(up[1m])", "time": fmt.Sprintf("%d.%03d", now.Unix(), now.Nanosecond()/1e6)})
	if err != nil {
		return false, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url()+"/api/v1/query", bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := client.Do(request)
	if err != nil {
		return false, err
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	_ = answer.Body.Close()
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("gateway answered %s", answer.Status)
	}
	return err == nil && bytes.Contains(text, []byte(`"value"`)), err
}
