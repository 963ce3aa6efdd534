package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func ask(t *testing.T, address, command string) string {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// resp is a command in the wire form of Valkey.
func resp(words ...string) string {
	text := fmt.Sprintf("*%d", len(words))
	for _, word := range words {
		text += fmt.Sprintf("\r\n$%d\r\n%s", len(word), word)
	}
	return text
}

func TestNATSServesJetStreamAndCloses(t *testing.T) {
	n, err := StartNATS(t.TempDir(), -1)
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(n.URL())
	if err != nil {
		t.Fatal(err)
	}
	if info := ask(t, at.Host, "PING"); !strings.Contains(info, `"jetstream":true`) {
		t.Errorf("NATS says %q, want JetStream in it", info)
	}
	if err := n.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestValkeyForgetsKeys(t *testing.T) {
	v, err := StartValkey(0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = v.Close(context.Background()) }()
	if got := ask(t, v.Addr(), resp("SET", "a", "b", "PX", "300")); got != "+OK\r\n" {
		t.Fatalf("SET answers %q", got)
	}
	for end := time.Now().Add(10 * time.Second); ask(t, v.Addr(), resp("EXISTS", "a")) != ":0\r\n"; {
		if time.Now().After(end) {
			t.Fatal("a key with a life of 300 ms is there after 10 s")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestStandInsAnswerAndEndTheirTails(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	logs, err := StartLogs(0, time.Hour, log)
	if err != nil {
		t.Fatal(err)
	}
	traces, err := StartTraces(0, time.Hour, log)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, url := range []string{logs.URL() + "/health", traces.URL() + "/health", logs.URL() + "/select/logsql/tail?query=*"} {
		answer, err := client.Get(url)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v (%v)", url, answer, err)
		}
		defer func() { _ = answer.Body.Close() }()
	}
	if err := errors.Join(logs.Close(t.Context()), traces.Close(t.Context())); err != nil {
		t.Error(err)
	}
}
