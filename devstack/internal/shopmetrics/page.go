package shopmetrics

import (
	"strconv"
	"time"
)

// Page collects the samples of one tenant as Prometheus text.
type Page struct {
	tenant Tenant
	suffix string
	text   []byte
}

// NewPage begins an empty page for a tenant.
func NewPage(tenant Tenant) *Page {
	return &Page{tenant: tenant, suffix: `,marker="` + escape(tenant.Marker) + `"} `}
}

// Metadata writes HELP and TYPE of all families.
func (p *Page) Metadata() {
	metric, _ := p.tenant.MarkerMetric()
	for _, f := range append(Families(), Family{metric, "gauge", "Always 1; only this tenant has it."}) {
		p.text = append(p.text, "# HELP "+f.Name+" "+p.tenant.help(f.Help)+"\n# TYPE "+f.Name+" "+f.Type+"\n"...)
	}
}

// Mark writes the tenant's own marker series, as told by the service that only
// this tenant has.
func (p *Page) Mark(t time.Time) {
	metric, label := p.tenant.MarkerMetric()
	marker := escape(p.tenant.Marker)
	p.Add(metric, label+`="`+marker+`",service="probe-`+marker+`"`, 1, t)
}

// Add writes one sample; labels are rendered already, without braces.
func (p *Page) Add(name, labels string, value float64, t time.Time) {
	p.text = append(p.text, name...)
	p.text = append(p.text, '{')
	p.text = append(p.text, labels...)
	p.text = append(p.text, p.suffix...)
	p.text = strconv.AppendFloat(p.text, value, 'g', -1, 64)
	p.text = append(p.text, ' ')
	p.text = strconv.AppendInt(p.text, t.UnixMilli(), 10)
	p.text = append(p.text, '\n')
}

// Text is the page so far; it is valid until the next call.
func (p *Page) Text() []byte { return p.text }

// Reset empties the page for reuse.
func (p *Page) Reset() { p.text = p.text[:0] }
