package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
)

// listening is how long the stack may take to hear a request.
const listening = 10 * time.Second

func awaitAnswer(ctx context.Context, folder *runfolder.Folder, id int64) (playAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, listening)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		var answer playAnswer
		if err := take(folder.Path(answerFile), &answer); err == nil && answer.ID == id {
			return answer, nil
		}
		select {
		case <-ctx.Done():
			_ = os.Remove(folder.Path(requestFile))
			return playAnswer{}, errors.New("the stack does not play the demo: it is starting still, or writes to a back end that is not its own (DEMO_WRITE=1 allows that)")
		case <-ticker.C:
		}
	}
}

func tell(a playAnswer, seed uint64, out io.Writer) {
	_, _ = fmt.Fprintf(out, "A fresh incident (seed %d): %s in %s, %s long. What happens, UTC:\n",
		seed, a.Incident.Kind, a.Incident.Service, a.Incident.End.Sub(a.Incident.Start).Round(time.Second))
	for _, event := range a.Timeline {
		_, _ = fmt.Fprintf(out, "  %s  %-14s %s\n", event.Time.UTC().Format(time.TimeOnly), event.Service, event.Text)
	}
}
