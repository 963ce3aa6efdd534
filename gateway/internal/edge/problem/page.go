package problem

import (
	"bytes"
	"html/template"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}}</title></head>
<body><h1>{{.Title}}</h1>
<p>Code <code>{{.Code}}</code>, status {{.Status}}</p>
<h2>Cause</h2><p>{{.Cause}}</p>
<h2>Cure</h2><p>{{.Cure}}</p>
<p><a href="/problems">All problems</a></p></body></html>
`))

var index = template.Must(template.New("index").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Problems</title></head>
<body><h1>Problems</h1>
<table><tr><th>Status</th><th>Code</th><th>Title</th></tr>
{{range .}}<tr><td>{{.Status}}</td><td><a href="/problems/{{.Code}}"><code>{{.Code}}</code></a></td><td>{{.Title}}</td></tr>
{{end}}</table></body></html>
`))

type face struct {
	fault.Entry
	Status int
}

func faceOf(e fault.Entry) face { return face{e, e.Kind.HTTPStatus()} }

// Page is the HTML page of one code; found is false for a code that the
// catalogue does not hold.
func Page(code string) (html []byte, found bool) {
	entry := fault.Code(code).Entry()
	if string(entry.Code) != code {
		return nil, false
	}
	return render(page, faceOf(entry)), true
}

// Index is the HTML page that lists every code.
func Index() []byte {
	var faces []face
	for _, e := range fault.Catalog() {
		faces = append(faces, faceOf(e))
	}
	return render(index, faces)
}

// render cannot fail on the fixed templates above; whatever was written stands.
func render(t *template.Template, data any) []byte {
	var b bytes.Buffer
	_ = t.Execute(&b, data)
	return b.Bytes()
}
