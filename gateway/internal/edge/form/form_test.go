package form_test

import (
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/form"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const media = "multipart/form-data; boundary=X"

func part(head, body string) string {
	return "--X\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + body + "\r\n"
}

const file = `name="file"; filename="a.csv"` + "\r\nContent-Type: text/csv; charset=utf-8"

func TestRead(t *testing.T) {
	body := part(`name="comment"`, "x") + part(file, "service\r\na") + part(`name="tenant_id"`, "demo") + "--X--\r\n"
	f, err := form.Read(media, []byte(body), 10)
	if err != nil || f.Name != "a.csv" || f.ContentType != "text/csv; charset=utf-8" || string(f.Data) != "service\r\na" || len(f.Tenants) != 1 || f.Tenants[0] != "demo" {
		t.Errorf("%+v, %v", f, err)
	}
	f, err = form.Read(media, []byte(part(`name="file"; filename="../../etc/passwd"`, "")+"--X--"), 10)
	if err != nil || f.Name != "passwd" || f.ContentType != "" || len(f.Data) > 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestRefusals(t *testing.T) {
	const broken, required = "invalid multipart form or file too large", "file is required"
	ok := part(file, "a")
	for name, tt := range map[string]struct{ media, body, want string }{
		"no type":               {"", ok + "--X--", broken},
		"another type":          {"application/json", `{"file":"a"}`, broken},
		"mixed parts":           {"multipart/mixed; boundary=X", ok + "--X--", broken},
		"no boundary":           {"multipart/form-data", ok + "--X--", broken},
		"another boundary":      {"multipart/form-data; boundary=Y", ok + "--X--", broken},
		"no end":                {media, ok, "failed to read file"},
		"no body":               {media, "", broken},
		"end within a part":     {media, "--X\r\nContent-Disposition: form-data; " + file + "\r\n\r\na", "failed to read file"},
		"no parts":              {media, "--X--\r\n", required},
		"only fields":           {media, part(`name="file"`, "a") + "--X--", required},
		"another name":          {media, part(`name="csv"; filename="a.csv"`, "a") + "--X--", broken},
		"two files":             {media, ok + ok + "--X--", broken},
		"a file beside it":      {media, ok + part(`name="other"; filename="b"`, "") + "--X--", broken},
		"too large":             {media, part(file, strings.Repeat("a", 11)) + "--X--", broken},
		"large field":           {media, part(`name="a"`, strings.Repeat("a", 5000)) + ok + "--X--", broken},
		"many fields":           {media, strings.Repeat(part(`name="a"`, ""), 17) + ok + "--X--", broken},
		"field for a back end":  {media, ok + part(`name="extra_filters"`, "{}") + "--X--", ""},
		"header without an end": {media, "--X\r\nContent-Disposition: form-data; " + strings.Repeat("a", 1<<16), required},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := form.Read(tt.media, []byte(tt.body), 10)
			if f := fault.From(err); f == nil || f.Kind().HTTPStatus() != 400 || tt.want != "" && f.Message != tt.want {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// What is read is never larger than the limit, and every refusal is the
// client's fault.
func FuzzRead(f *testing.F) {
	f.Add(media, []byte(part(file, "a")+"--X--"))
	f.Add(media, []byte(part(`name="a"`, "b")+part(file, "a")+"--X--"))
	f.Add("multipart/form-data; boundary=\"a b\"", []byte("--a b\n\n\n--a b--"))
	f.Add("multipart/form-data; boundary*=utf-8''X", []byte("--X\r\nContent-Transfer-Encoding: base64\r\n\r\n"))
	f.Fuzz(func(t *testing.T, media string, body []byte) {
		got, err := form.Read(media, body, 8)
		if len(got.Data) > 8 || strings.ContainsAny(got.Name, "/") {
			t.Errorf("read %+v", got)
		}
		if err != nil && fault.From(err).Kind() != fault.Invalid {
			t.Errorf("refused with %v", err)
		}
	})
}
