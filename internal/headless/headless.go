//go:build unix

// Package headless runs the browser's verifier (cmd/absah-wasm) in a headless Chromium, in a worker under the policy that the portal
// has, and hands back its answers. It is for tests and measurements.
package headless

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed page
var page embed.FS

// Policy is the content security policy under which the verifier runs. Nothing but this origin can be reached.
const Policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ErrNoBrowser means that there is no Chromium on this machine.
var ErrNoBrowser = errors.New("chromium is not installed")

// Request is one call of the verifier.
type Request struct {
	Document []byte   `json:"-"`
	Name     string   `json:"name"`
	Anchors  [][]byte `json:"anchors"`
	At       string   `json:"at"` // RFC 3339
	Policy   string   `json:"policy,omitempty"`
	Password string   `json:"password,omitempty"`
	View     string   `json:"view,omitempty"`
	Pieces   bool     `json:"pieces"`           // give the document through a read function
	Times    int      `json:"times"`            // how often to ask; at least once
	Misuse   string   `json:"misuse,omitempty"` // a way of page/misuse.js

	Call      string `json:"call,omitempty"`      // of the verifier's functions; "" is verify
	Signature *int   `json:"signature,omitempty"` // of revision
	Form      string `json:"form,omitempty"`      // of report
	Language  string `json:"language,omitempty"`  // likewise
	More      []int  `json:"more,omitempty"`      // other requests whose documents are in the report too
	Count     bool   `json:"count,omitempty"`     // give a progress and note what it is told

	// Relay answers what the document asks of others, in the place of the portal's relay. Nil: the verifier is given nobody to ask.
	Relay func(address, kind string, body []byte) ([]byte, error) `json:"-"`

	Index   int  `json:"index"`   // set by Run
	Relayed bool `json:"relayed"` // likewise
}

// Answer is what the verifier returned to the last call of a Request.
type Answer struct {
	Report string            `json:"report"`
	Words  map[string]string `json:"words"`
	View   json.RawMessage   `json:"view"`
	Size   int64             `json:"size"`   // what revision answers
	Name   string            `json:"name"`   // what report answers
	Type   string            `json:"type"`   // likewise
	Bytes  []byte            `json:"bytes"`  // likewise
	Shares []float64         `json:"shares"` // what progress was told
	Error  *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	Milliseconds []float64 `json:"milliseconds"` // of each call
}

// Result is what the browser did.
type Result struct {
	Instantiate float64  `json:"instantiate"` // milliseconds from asking for the program until it can be called
	Answers     []Answer `json:"answers"`     // one for each Request
	Fatal       string   `json:"fatal"`
}

// Build compiles the verifier into dir, and the one that writes reports as well; and puts the glue of the same Go release beside them.
// root is the module's folder.
func Build(ctx context.Context, root, dir string) error {
	for name, tags := range map[string]string{"absah.wasm": "", "report.wasm": "report"} {
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-tags="+tags, "-o", filepath.Join(dir, name), "./cmd/absah-wasm")
		cmd.Dir, cmd.Env = root, append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build of the wasm: %w: %s", err, out)
		}
	}
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	glue, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "wasm_exec.js"), glue, 0o644)
}

// ErrNoNode means that node, whose brotli is used, is not on this machine.
var ErrNoNode = errors.New("node is not installed")

// Brotli is the length of a file compressed with brotli at a quality of up to 11, as web servers send it.
func Brotli(ctx context.Context, path string, quality int) (int, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return 0, ErrNoNode
	}
	const script = `const z = require("zlib"), b = require("fs").readFileSync(process.argv[1]);
console.log(z.brotliCompressSync(b, { params: { [z.constants.BROTLI_PARAM_QUALITY]: +process.argv[2], [z.constants.BROTLI_PARAM_SIZE_HINT]: b.length } }).length)`
	out, err := exec.CommandContext(ctx, node, "-e", script, path, strconv.Itoa(quality)).Output()
	if err != nil {
		return 0, fmt.Errorf("brotli: %w", err)
	}
	return strconv.Atoi(strings.TrimSpace(string(out)))
}

// Run serves what Build made, opens it in Chromium, and waits for the answers. It returns ErrNoBrowser where there is none.
func Run(ctx context.Context, dir string, requests []Request) (*Result, error) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		return nil, ErrNoBrowser
	}
	for i := range requests {
		requests[i].Index, requests[i].Times, requests[i].Relayed = i, max(1, requests[i].Times), requests[i].Relay != nil
		if requests[i].Anchors == nil {
			requests[i].Anchors = [][]byte{}
		}
	}
	results := make(chan Result, 1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	srv := &http.Server{Handler: serve(dir, requests, results), ReadHeaderTimeout: time.Minute}
	go func() { _ = srv.Serve(listener) }()
	defer srv.Close()

	profile, err := os.MkdirTemp("", "absah-chromium-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(profile)
	args := []string{
		"--headless", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
		"--disable-dev-shm-usage", "--no-first-run", "--mute-audio", "--user-data-dir=" + profile,
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // Chromium does not start as root otherwise
	}
	cmd := exec.Command(browser, append(args, "http://"+listener.Addr().String()+"/")...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its helpers end with it
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stop := func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-ended
	}
	select {
	case r := <-results:
		stop()
		if r.Fatal != "" {
			return nil, errors.New("in the browser: " + r.Fatal)
		}
		if len(r.Answers) != len(requests) {
			return nil, fmt.Errorf("the browser answered %d of %d requests", len(r.Answers), len(requests))
		}
		return &r, nil
	case err := <-ended:
		return nil, fmt.Errorf("chromium ended: %w: %s", err, said.Bytes())
	case <-ctx.Done():
		stop()
		return nil, ctx.Err()
	}
}

func serve(dir string, requests []Request, results chan<- Result) http.Handler {
	mux := http.NewServeMux()
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux.Handle("GET /", http.FileServerFS(files))
	for _, name := range []string{"absah.wasm", "report.wasm", "wasm_exec.js"} {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, filepath.Join(dir, name)) })
	}
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(append([]Request{}, requests...))
	})
	mux.HandleFunc("GET /document/{index}", func(w http.ResponseWriter, r *http.Request) {
		i, err := strconv.Atoi(r.PathValue("index"))
		if err != nil || i < 0 || i >= len(requests) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = w.Write(requests[i].Document)
	})
	mux.HandleFunc("POST /relay/{index}", func(w http.ResponseWriter, r *http.Request) {
		i, err := strconv.Atoi(r.PathValue("index"))
		if err != nil || i < 0 || i >= len(requests) || requests[i].Relay == nil {
			http.NotFound(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			body, err = requests[i].Relay(r.URL.Query().Get("url"), r.URL.Query().Get("type"), body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		_, _ = w.Write(body)
	})
	mux.HandleFunc("POST /result", func(w http.ResponseWriter, r *http.Request) {
		var out Result
		b, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(b, &out)
		}
		if err != nil {
			out.Fatal = err.Error()
		}
		select {
		case results <- out:
		default: // the first one counts
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", Policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})
}
