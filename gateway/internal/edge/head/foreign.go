package head

import "bytes"

// foreign tells whether a header claims an identity, a tenant, a method or a
// path, or is spelled with an underscore, which some servers read as a dash.
// Such headers of a client are never believed.
func foreign(name []byte) bool {
	if bytes.IndexByte(name, '_') >= 0 {
		return true
	}
	for _, n := range foreignNames() {
		if is(name, n) {
			return true
		}
	}
	for _, p := range foreignPrefixes() {
		if len(name) >= len(p) && bytes.EqualFold(name[:len(p)], []byte(p)) {
			return true
		}
	}
	return false
}

func foreignNames() [19]string {
	return [...]string{
		"accountid", "projectid", "x-tenant", "x-tenant-id", "x-scope-orgid", "x-org-id", "x-account-id", "x-project-id",
		"x-roles", "x-role", "x-permissions", "x-email", "x-original-url", "x-original-uri", "x-rewrite-url",
		"x-http-method", "x-http-method-override", "x-method-override", "x-client-cert",
	}
}

func foreignPrefixes() [5]string {
	return [...]string{"x-mirador-", "x-user", "x-auth-", "x-remote-", "grpc-"}
}
