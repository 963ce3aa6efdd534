package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// web serves one stand-in over HTTP.
type web struct {
	server *http.Server
	url    string
	done   sync.WaitGroup
}

// serve begins to answer on the port; name is for people.
func serve(name string, port int, handler http.Handler, log *slog.Logger) (*web, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(Loopback, strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("start %s stand-in: %w", name, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &web{url: "http://" + listener.Addr().String()}
	w.server = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	w.server.RegisterOnShutdown(cancel) // tails end by themselves only when told
	w.done.Go(func() {
		defer cancel()
		if err := w.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error(name+" stand-in ended", "error", err)
		}
	})
	return w, nil
}

// URL is the base URL of the stand-in.
func (w *web) URL() string { return w.url }

// close ends requests.
func (w *web) close(ctx context.Context) error {
	err := w.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, w.server.Close())
	}
	w.done.Wait()
	return err
}
