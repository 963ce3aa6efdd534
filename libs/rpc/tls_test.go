package rpc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// authority signs certificates of a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{cert: &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}}
	der, key := a.sign(t, a.cert)
	a.cert, _ = x509.ParseCertificate(der)
	a.key = key
	a.file = writePEM(t, filepath.Join(t.TempDir(), "ca.pem"), "CERTIFICATE", der)
	return a
}

// sign makes a certificate; the first one signs itself.
func (a *authority) sign(t *testing.T, template *x509.Certificate) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer := a.key
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

// issue gives a process its files, trusting another authority's peers.
func (a *authority) issue(t *testing.T, trusts *authority) TLS {
	t.Helper()
	dir := t.TempDir()
	files := TLS{CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem"), CAFile: trusts.file}
	a.renew(t, files)
	return files
}

func (a *authority) renew(t *testing.T, files TLS) {
	t.Helper()
	der, key := a.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "peer"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)})
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, files.CertFile, "CERTIFICATE", der)
	writePEM(t, files.KeyFile, "EC PRIVATE KEY", keyDER)
}

func writePEM(t *testing.T, file, kind string, der []byte) string {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestMutualTLS(t *testing.T) {
	house, stranger := newAuthority(t), newAuthority(t)
	lis := listen(t, "127.0.0.1:0")
	start(t, lis, parrot(), func(o *ServerOptions) { o.TLS = house.issue(t, house) })
	tests := []struct {
		name string
		tls  TLS
		want fault.Code
	}{
		{"peer of the house", house.issue(t, house), ""},
		{"certificate of a stranger", stranger.issue(t, house), fault.CodeUnavailable},
		{"server is not trusted", house.issue(t, stranger), fault.CodeUnavailable},
		{"plaintext", TLS{}, fault.CodeUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := call(as(t, "reader"), dial(t, lis.Addr().String(), ClientOptions{TLS: tt.tls, Production: true}), "Say", "x")
			if tt.want != "" {
				wantCode(t, err, tt.want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRenewedCertificateIsUsedWithoutRestart(t *testing.T) {
	old, young := newAuthority(t), newAuthority(t)
	server := old.issue(t, old)
	lis := listen(t, "127.0.0.1:0")
	start(t, lis, parrot(), func(o *ServerOptions) { o.TLS = server })
	young.renew(t, server)
	if err := os.Rename(young.file, server.CAFile); err != nil {
		t.Fatal(err)
	}
	young.file = server.CAFile
	if _, err := call(as(t, "reader"), dial(t, lis.Addr().String(), ClientOptions{TLS: young.issue(t, young)}), "Say", "x"); err != nil {
		t.Error(err)
	}
}

func TestTLSValidate(t *testing.T) {
	house := newAuthority(t)
	good := house.issue(t, house)
	bad := map[string]TLS{
		"key is missing":     {CertFile: good.CertFile, CAFile: good.CAFile},
		"absent file":        {CertFile: good.CertFile, KeyFile: "/nowhere", CAFile: good.CAFile},
		"authority is a key": {CertFile: good.CertFile, KeyFile: good.KeyFile, CAFile: good.KeyFile},
	}
	for name, tls := range bad {
		if tls.Validate() == nil {
			t.Errorf("%s: no fault", name)
		}
	}
	if err := errors.Join(good.Validate(), TLS{}.Validate()); err != nil {
		t.Error(err)
	}
}

func TestProductionRefusesPlaintextOffLoopback(t *testing.T) {
	tests := []struct {
		endpoint string
		insecure bool
		refused  bool
	}{
		{"127.0.0.1:1", false, false},
		{"localhost:1", false, false},
		{"[::1]:1", false, false},
		{"dns:///127.0.0.1:1", false, false},
		{"query:9101", false, true},
		{"10.0.0.1:1", false, true},
		{"127.0.0.1.example.org:1", false, true},
		{"query", false, true},
		{"engine:9091", true, false},
	}
	for _, tt := range tests {
		c, err := Dial(tt.endpoint, ClientOptions{Production: true, Insecure: tt.insecure, Conns: 1})
		if err == nil {
			_ = c.Close()
		}
		if (err != nil) != tt.refused {
			t.Errorf("%s: %v", tt.endpoint, err)
		}
	}
}
