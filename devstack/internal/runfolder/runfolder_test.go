package runfolder

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func folder(t *testing.T) *Folder {
	t.Helper()
	f, err := At(filepath.Join(t.TempDir(), "run"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Make(); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestLockKeepsOthersOut(t *testing.T) {
	f := folder(t)
	if f.Running() {
		t.Error("a new folder is in use")
	}
	if err := f.Lock(); err != nil {
		t.Fatal(err)
	}
	second, _ := At(f.Path())
	if err := second.Lock(); !errors.Is(err, ErrRunning) {
		t.Errorf("a second lock gives %v, want ErrRunning", err)
	}
	if err := second.Remove(); !errors.Is(err, ErrRunning) {
		t.Errorf("removing a used folder gives %v, want ErrRunning", err)
	}
	f.Unlock()
	if f.Running() {
		t.Error("the folder is in use after Unlock")
	}
	if err := second.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(f.Path()); err == nil {
		t.Error("the folder is there after Remove")
	}
}

func TestStateAndEnvAreForgotten(t *testing.T) {
	f := folder(t)
	want := State{Ready: true, URL: "http://127.0.0.1:8080", Processes: []Process{{Name: "query", PID: 7, Birth: "8"}}}
	if err := f.Save(want); err != nil {
		t.Fatal(err)
	}
	got, err := f.Read()
	if err != nil || got.URL != want.URL || len(got.Processes) != 1 || got.Processes[0] != want.Processes[0] {
		t.Errorf("read %+v (%v), want %+v", got, err, want)
	}
	if err := f.WriteEnv(nil); err != nil {
		t.Fatal(err)
	}
	if err := f.Forget(); err != nil {
		t.Fatal(err)
	}
	if left, _ := f.Read(); left.Ready {
		t.Error("the state is there after Forget")
	}
	if _, err := os.Stat(f.Path(EnvFile)); err == nil {
		t.Error("the file for scripts is there after Forget")
	}
}

func TestEnvIsReadByAShell(t *testing.T) {
	f := folder(t)
	values := []string{"plain", "", "two words", "it's", `"$HOME" $(date) ` + "`id`", "a;b&c|d", "nats://127.0.0.1:14222"}
	var variables []Variable
	for i, value := range values {
		variables = append(variables, Variable{Name: "V" + string(rune('A'+i)), Value: value})
	}
	if err := f.WriteEnv(variables); err != nil {
		t.Fatal(err)
	}
	for i, value := range values {
		out, err := exec.Command("sh", "-c", ". "+f.Path(EnvFile)+`; printf %s "$`+variables[i].Name+`"`).Output()
		if err != nil || string(out) != value {
			t.Errorf("the shell reads %q (%v), want %q", out, err, value)
		}
	}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	f := folder(t)
	if _, _, err := f.Secret("key", 32); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteEnv([]Variable{{Name: "TOKEN", Value: "secret"}}); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(f.Path(), func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, want none for others", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestSecretIsMadeOnceAndDiffers(t *testing.T) {
	f := folder(t)
	first, path, err := f.Secret("jwt", 48)
	if err != nil || len(first) < 48 {
		t.Fatalf("secret %q (%v)", first, err)
	}
	if again, _, _ := f.Secret("jwt", 48); again != first {
		t.Error("the second call makes another secret")
	}
	if text, err := os.ReadFile(path); err != nil || strings.TrimSpace(string(text)) != first {
		t.Errorf("the file holds %q (%v), want the secret", text, err)
	}
	if other, _, _ := f.Secret("key", 48); other == first {
		t.Error("two secrets are equal")
	}
}

func TestProcessIsKnownByItsBirth(t *testing.T) {
	mine := Self("test", os.Getpid())
	if !mine.Alive() {
		t.Fatal("this process is not alive")
	}
	stranger := mine
	stranger.Birth += "0"
	if stranger.Alive() {
		t.Error("a process with another birth counts as the same")
	}
	if err := stranger.End(time.Second); err != nil {
		t.Error(err)
	}
}

func TestEndKillsWhoDoesNotListen(t *testing.T) {
	for _, script := range []string{"echo on; exec sleep 60", "trap '' TERM; echo on; while :; do sleep 0.05; done"} {
		command := exec.Command("sh", "-c", script)
		out, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		p := Self("child", command.Process.Pid)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = command.Wait()
		}()
		if err := p.End(300 * time.Millisecond); err != nil {
			t.Error(err)
		}
		<-ended
		if p.Alive() {
			t.Errorf("%q still runs", script)
		}
	}
}
