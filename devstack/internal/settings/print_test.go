package settings

import (
	"strings"
	"testing"
)

func TestPrintMasksSecrets(t *testing.T) {
	given := map[string]string{"VM_PASSWORD": "hunter2", "JWT_SECRET": "0123456789abcdef0123456789abcdef",
		"VM_ENDPOINTS": "http://127.0.0.1:8428", "PORT": "8088"}
	s, err := Read(func(name string) string { return given[name] })
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	s.Print(&out)
	for _, want := range []string{"PORT=8088\n", "VM_ENDPOINTS=http://127.0.0.1:8428\n", "VM_PASSWORD=********\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, out.String())
		}
	}
	for _, secret := range []string{"hunter2", "0123456789abcdef"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("shows the secret %q", secret)
		}
	}
}
