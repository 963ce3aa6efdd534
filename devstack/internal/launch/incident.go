package launch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// The two files by which `demo` and the running stack speak to each other.
const (
	requestFile = "incident.request"
	answerFile  = "incident.answer"
)

type playRequest struct {
	ID   int64  `json:"id"`
	Seed uint64 `json:"seed"`
}

type playAnswer struct {
	ID       int64         `json:"id"`
	Incident shop.Incident `json:"incident"`
	Timeline []shop.Event  `json:"timeline"`
}

// takeRequests plays an incident for every request until the context ends.
func (s *stack) takeRequests(ctx context.Context) {
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.takeRequest(ctx); err != nil {
				s.log.Warn("demo request", "error", err)
			}
		}
	}
}

func (s *stack) takeRequest(ctx context.Context) error {
	var asked playRequest
	if err := take(s.folder.Path(requestFile), &asked); err != nil || asked.ID == 0 {
		return err
	}
	incident, err := s.player.Play(ctx, asked.Seed)
	if err != nil {
		return err
	}
	story := shop.New(s.settings.Seed, incident.Start, incident.Start)
	text, err := json.Marshal(playAnswer{ID: asked.ID, Incident: incident, Timeline: story.Timeline(incident)})
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return s.folder.Write(answerFile, text)
}

// take reads a file and removes it; an absent one leaves into as it is.
func take(path string, into any) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove request: %w", err)
	}
	return json.Unmarshal(text, into)
}

// Play asks the running stack for a fresh incident and tells its timeline.
func Play(ctx context.Context, folder *runfolder.Folder, seed uint64, out io.Writer) error {
	if !folder.Running() {
		return errNotRunning
	}
	asked := playRequest{ID: time.Now().UnixNano(), Seed: seed}
	text, err := json.Marshal(asked)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	if err := folder.Write(requestFile, text); err != nil {
		return err
	}
	answer, err := awaitAnswer(ctx, folder, asked.ID)
	if err != nil {
		return err
	}
	tell(answer, seed, out)
	return nil
}
