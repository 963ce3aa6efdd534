package journey

// Audience is for whom journeys are told: a tenant sees a share of the shop's
// requests, and no two tenants see the same one.
type Audience struct {
	// Tenant by name, Marker the text that no other tenant may ever see.
	Tenant, Marker string
	// Share of the shop's requests that are told.
	Share float64
	// Probe is how many slots lie between two checks from outside.
	Probe int64
}

// For returns the audience of a tenant: demo hears most, others a fifth.
func For(tenant, marker string) Audience {
	if tenant == "demo" {
		return Audience{Tenant: tenant, Marker: marker, Share: 1. / 28, Probe: 4}
	}
	return Audience{Tenant: tenant, Marker: marker, Share: 1. / 140, Probe: 12}
}

// ProbeService is the service that only this tenant has: it asks the shop's
// front page from outside, again and again.
func (a Audience) ProbeService() string { return "probe-" + a.Marker }
