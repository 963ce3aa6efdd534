package shop

import "strconv"

// Role says what a service is made for; it decides which series it has.
type Role int

// The roles of the shop's services.
const (
	Web      Role = iota // answers HTTP
	Worker               // takes messages from its queue and answers HTTP
	Database             // keeps rows; clients hold connections to it
	Cache                // keeps keys; clients hold connections to it
)

// Route is one HTTP route of a service with its share of the traffic (all
// shares of a service add up to 1).
type Route struct {
	Method string
	Path   string
	Share  float64
}

// Service is one part of the shop and how it behaves on a quiet day.
type Service struct {
	Name      string
	Role      Role
	Version   string
	Instances int
	Entry     float64 // requests per second from outside at the daily mean
	Latency   float64 // median seconds of an answer
	CPU       float64 // CPU seconds that one request costs
	Memory    float64 // resident bytes of an instance
	Limit     float64 // bytes at which an instance is killed
	Routes    []Route
}

// Instance names the i-th instance of the service.
func (s Service) Instance(i int) string { return s.Name + "-" + strconv.Itoa(i) }

const mib = 1 << 20

func catalogue() []Service {
	return []Service{
		{Name: "frontend", Version: "v2.8.1", Instances: 2, Entry: 42, Latency: .060, CPU: .006, Memory: 210 * mib, Limit: 512 * mib,
			Routes: []Route{{"GET", "/", .4}, {"GET", "/product/{id}", .4}, {"POST", "/cart", .12}, {"POST", "/checkout", .08}}},
		{Name: "checkout", Version: "v1.14.0", Instances: 2, Latency: .120, CPU: .010, Memory: 160 * mib, Limit: 384 * mib,
			Routes: []Route{{"POST", "/checkout", 1}}},
		{Name: "recommendation", Version: "v0.9.3", Instances: 1, Latency: .035, CPU: .012, Memory: 340 * mib, Limit: 1024 * mib,
			Routes: []Route{{"GET", "/recommendations", 1}}},
		{Name: "catalogue", Version: "v3.2.5", Instances: 2, Latency: .018, CPU: .004, Memory: 180 * mib, Limit: 512 * mib,
			Routes: []Route{{"GET", "/products", .35}, {"GET", "/products/{id}", .65}}},
		{Name: "cart", Version: "v1.7.2", Instances: 2, Latency: .009, CPU: .003, Memory: 120 * mib, Limit: 384 * mib,
			Routes: []Route{{"GET", "/cart", .6}, {"POST", "/cart/items", .4}}},
		{Name: "payment", Version: "v4.0.6", Instances: 2, Latency: .085, CPU: .015, Memory: 150 * mib, Limit: 384 * mib,
			Routes: []Route{{"POST", "/charge", 1}}},
		{Name: "shipping", Version: "v1.3.8", Instances: 1, Latency: .025, CPU: .006, Memory: 90 * mib, Limit: 256 * mib,
			Routes: []Route{{"GET", "/quote", .7}, {"POST", "/shipments", .3}}},
		{Name: "users", Version: "v2.1.0", Instances: 1, Latency: .014, CPU: .005, Memory: 110 * mib, Limit: 256 * mib,
			Routes: []Route{{"POST", "/login", .3}, {"GET", "/users/{id}", .7}}},
		{Name: "orders", Role: Worker, Version: "v1.11.4", Instances: 2, Latency: .040, CPU: .012, Memory: 170 * mib, Limit: 384 * mib,
			Routes: []Route{{"POST", "/orders", 1}}},
		{Name: "notifications", Role: Worker, Version: "v0.6.0", Instances: 1, Latency: .055, CPU: .008, Memory: 80 * mib, Limit: 256 * mib,
			Routes: []Route{{"POST", "/send", 1}}},
		{Name: "shop-db", Role: Database, Version: "v15.6", Instances: 1, Latency: .003, CPU: .002, Memory: 1400 * mib, Limit: 4096 * mib},
		{Name: "cart-cache", Role: Cache, Version: "v7.2.4", Instances: 1, Latency: .0006, CPU: .0004, Memory: 260 * mib, Limit: 1024 * mib},
	}
}
