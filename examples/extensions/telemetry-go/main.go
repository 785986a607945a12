// Receives the telemetry of the function and its platform, and passes it on when Lambda has time for it.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

type lifecycleEvent struct {
	EventType      string `json:"eventType"`
	RequestID      string `json:"requestId"`
	DeadlineMs     int64  `json:"deadlineMs"`
	ShutdownReason string `json:"shutdownReason"`
}

type telemetryRecord struct {
	Time   string          `json:"time"`
	Type   string          `json:"type"`
	Record json.RawMessage `json:"record"`
}

// The part of a record this program looks at.
type recordFacts struct {
	Name      string `json:"name"`
	State     string `json:"state"`
	RequestID string `json:"requestId"`
	Status    string `json:"status"`
	Metrics   struct {
		DurationMs float64 `json:"durationMs"`
	} `json:"metrics"`
}

var api = "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API")

// Where the records go: a URL that takes a POST with a JSON array; without one they are printed.
var dispatchURL = os.Getenv("TELEMETRY_DISPATCH_URL")

func main() {
	log.SetFlags(0)
	log.SetOutput(os.Stdout)

	identifier := register()
	collected := newCollection()
	// The listener has to be up before the subscription: what Lambda cannot deliver it has to keep and may drop.
	subscribe(identifier, listen(collected))

	lastRequestID := ""
	for {
		event := next(identifier)
		if event.EventType == "SHUTDOWN" {
			// After a failure or a timeout the report is written when everything has ended: too late for us.
			if event.ShutdownReason == "spindown" {
				collected.waitForReport(lastRequestID, event.DeadlineMs)
			}
			dispatch(collected)
			return
		}
		lastRequestID = event.RequestID
		// Now the function runs, and so may we: this is what the invocations before have left.
		dispatch(collected)
	}
}

func register() string {
	// Lambda knows an extension by the name of its file and refuses every other one.
	name := filepath.Base(os.Args[0])
	headers, _ := call("POST", "/2020-01-01/extension/register", map[string]string{"Lambda-Extension-Name": name},
		map[string]any{"events": []string{"INVOKE", "SHUTDOWN"}})
	return headers.Get("Lambda-Extension-Identifier")
}

func subscribe(identifier string, port int) {
	call("PUT", "/2022-07-01/telemetry", map[string]string{"Lambda-Extension-Identifier": identifier}, map[string]any{
		"schemaVersion": "2025-01-29",
		// Not "extension": what this one prints would come back to it as telemetry, for ever.
		"types":       []string{"platform", "function"},
		"buffering":   map[string]int{"maxItems": 1000, "maxBytes": 262144, "timeoutMs": 25},
		"destination": map[string]string{"protocol": "HTTP", "URI": fmt.Sprintf("http://sandbox.localdomain:%d", port)},
	})
}

func next(identifier string) lifecycleEvent {
	_, body := call("GET", "/2020-01-01/extension/event/next", map[string]string{"Lambda-Extension-Identifier": identifier}, nil)
	var event lifecycleEvent
	if err := json.Unmarshal(body, &event); err != nil {
		log.Fatalf("next: %v", err)
	}
	return event
}

// The default client has no timeout, which is what `next` needs: it may wait for hours while frozen.
func call(method, route string, headers map[string]string, body any) (http.Header, []byte) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			log.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, api+route, reader)
	if err != nil {
		log.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatalf("%s %s: %v", method, route, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		log.Fatalf("%s %s: %s %s %v", method, route, response.Status, text, err)
	}
	return response.Header, text
}

// listen takes sandbox.localdomain, the address Lambda delivers to; where the name is not known, every address.
func listen(collected *collection) int {
	listener, err := net.Listen("tcp", "sandbox.localdomain:0")
	if err != nil {
		listener, err = net.Listen("tcp", "0.0.0.0:0")
	}
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(listener, collected)) }()
	return listener.Addr().(*net.TCPAddr).Port
}

type collection struct {
	mutex   sync.Mutex
	records []telemetryRecord
	changed chan struct{}
}

func newCollection() *collection {
	return &collection{changed: make(chan struct{}, 1)}
}

// ServeHTTP only takes: work here would compete with the function, and a late answer holds the next batch up.
func (c *collection) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	var batch []telemetryRecord
	if err := json.NewDecoder(request.Body).Decode(&batch); err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	c.mutex.Lock()
	c.records = append(c.records, batch...)
	c.mutex.Unlock()
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

func (c *collection) take() []telemetryRecord {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	records := c.records
	c.records = nil
	return records
}

func (c *collection) putBack(records []telemetryRecord) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.records = append(records, c.records...)
}

// waitForReport waits for the report of the last invocation, which may still be on its way when SHUTDOWN comes.
func (c *collection) waitForReport(requestID string, deadlineMs int64) {
	if requestID == "" {
		return
	}
	left := min(500*time.Millisecond, time.Until(time.UnixMilli(deadlineMs))-500*time.Millisecond)
	timeout := time.After(left)
	for !c.hasReport(requestID) {
		select {
		case <-c.changed:
		case <-timeout:
			return
		}
	}
}

func (c *collection) hasReport(requestID string) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, record := range c.records {
		if record.Type == "platform.report" && facts(record).RequestID == requestID {
			return true
		}
	}
	return false
}

func dispatch(collected *collection) {
	records := collected.take()
	if len(records) == 0 {
		return
	}
	if dispatchURL == "" {
		for _, record := range records {
			fmt.Println(record.Time, record.Type, summary(record))
		}
		return
	}
	if err := post(records); err != nil {
		// Kept for the next time; a real one would bound what it keeps.
		fmt.Printf("%d records could not be passed on: %v\n", len(records), err)
		collected.putBack(records)
	}
}

func post(records []telemetryRecord) error {
	text, err := json.Marshal(records)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: time.Second}
	response, err := client.Post(dispatchURL, "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// facts is empty for a log line, whose record is a string.
func facts(record telemetryRecord) recordFacts {
	var known recordFacts
	_ = json.Unmarshal(record.Record, &known)
	return known
}

func summary(record telemetryRecord) string {
	var line string
	if json.Unmarshal(record.Record, &line) == nil {
		return strings.TrimRight(line, "\r\n")
	}
	known := facts(record)
	var parts []string
	for _, part := range []string{known.Name, known.State, known.RequestID, known.Status} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if known.Metrics.DurationMs != 0 {
		parts = append(parts, fmt.Sprintf("%g ms", known.Metrics.DurationMs))
	}
	return strings.Join(parts, ", ")
}
