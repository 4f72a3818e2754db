package oai_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/oaipmh/oaitest"
)

// quirks says of each quirk that repositories in the field have, by the beginning of its name, what plays it here: tests, as
// "folder: TestName", or faults of package oaitest, which TestEveryFaultIsSurvived plays one by one.
var quirks = map[string][]string{
	// Bytes and XML.
	"Control characters, invalid UTF-8":        {"harvest/oai: TestQuirkBytesOfOneRecord", "fault: control-character", "fault: invalid-utf8"},
	"Numeric references to non-characters":     {"harvest/oai: TestQuirkBytesOfOneRecord", "fault: bad-reference", "fault: reference-fffe"},
	"Wrong declared encoding":                  {"oaipmh: TestReadEncodings", "fault: latin1-bytes", "fault: other-charset", "fault: no-charset"},
	"gzip/zstd not announced":                  {"harvest: TestCompression", "fault: gzip-unmarked", "fault: gzip-uncompressed", "fault: zstd-unmarked"},
	"PHP notices":                              {"harvest/oai: TestQuirkNoisyServers", "fault: junk-before", "fault: junk-after"},
	"XML declaration or PI inside":             {"harvest/oai: TestQuirkBytesOfOneRecord", "fault: nested-declaration", "fault: processing-instruction"},
	"Truncated body":                           {"harvest/oai: TestQuirkWholePageRefused", "oaipmh: TestReadTruncatedEverywhere", "fault: truncated", "fault: cut-chunks"},
	"200 with empty body":                      {"harvest/oai: TestQuirkWholePageRefused", "fault: empty-body"},
	"HTML page with 200":                       {"harvest/oai: TestQuirkWholePageRefused", "fault: html-page", "fault: login", "fault: landing"},
	">10 MB text nodes":                        {"harvest/oai: TestQuirkLargePages", "fault: huge-text"},
	"https or otherwise wrong OAI namespace":   {"harvest/oai: TestQuirkNoisyServers", "fault: https-namespace", "fault: no-namespace"},
	"OAI 1.1 namespaces":                       {"fault: namespace-1.1"},
	"Namespace prefixes declared on ancestors": {"harvest/oai: TestQuirkAncestorsDeclarePrefixes", "fault: ancestor-prefixes"},
	"Missing header / metadata":                {"harvest/oai: TestQuirkBytesOfOneRecord", "fault: no-header", "fault: no-metadata", "fault: no-set-spec"},
	`status="DELETED" upper case`:              {"harvest/oai: TestQuirkBytesOfOneRecord", "fault: deleted-upper"},
	"HTML entities/markup in values":           {"harvest/oai: TestQuirkBytesOfOneRecord", "fault: html-entity", "fault: double-escaped"},
	"missing responseDate":                     {"harvest/oai: TestResponseDates", "fault: no-response-date"},

	// HTTP.
	"OAI error document with status":          {"harvest/oai: TestQuirkErrorDocumentWithHTTPError", "fault: error-status", "fault: error-404", "fault: error-500"},
	"503 + Retry-After":                       {"harvest: TestRetryAfter", "fault: busy", "fault: busy-date", "fault: busy-ever"},
	"429 without Retry-After":                 {"harvest: TestBackoffGrows", "fault: too-many"},
	"Stalls of minutes":                       {"harvest: TestStandingStill", "fault: stall", "fault: stall-body", "fault: trickle"},
	"NAT idle reset":                          {"harvest: TestCutConnection", "fault: cut-connection"},
	"Refuses unknown or default UA":           {"harvest: TestWhoWeAre", "fault: agent-refused"},
	"Basic/digest/token header/API key":       {"harvest/oai: TestKeyInTheBaseURL", "harvest: TestWhoWeAre", "fault: key-demanded", "fault: login"},
	"IP allow-list/VPN":                       {"harvest: TestProxyOfTheEnvironment"},
	"Cloudflare/WAF/Anubis":                   {"harvest/oai: TestQuirkWholePageRefused", "fault: wall-200", "fault: wall-202", "fault: wall-403"},
	"Redirects http->https":                   {"harvest: TestRedirects", "fault: redirect-bare", "fault: redirect-host"},
	"Bad TLS chain":                           {"harvest: TestBadCertificateIsNotRetried"},
	"Base URL with port/query/trailing slash": {"harvest/oai: TestBaseURLs", "fault: no-slash"},
	"HTTP 202, 409, 432":                      {"harvest: TestAnswersByStatus", "fault: accepted", "fault: conflict", "fault: status-432", "fault: status-522"},

	// Tokens and lists.
	"Token expires": {"harvest/oai: TestQuirkExpiredToken", "fault: token-expired", "fault: token-expires-late"},
	"badResumptionToken/noRecordsMatch instead":    {"harvest/oai: TestQuirkNoRecordsMatchInsteadOfLastPage", "fault: none-last", "fault: bad-token-for-end", "fault: token-to-nothing"},
	"Single-use tokens":                            {"fault: token-once", "pipeline: TestPagesInFlight"},
	"Same token again":                             {"harvest/oai: TestQuirkListsThatDoNotEnd", "fault: same-token"},
	"Endless new tokens / empty pages":             {"harvest/oai: TestQuirkListsThatDoNotEnd", "harvest/oai: TestQuirkLastPageRepeated", "fault: token-endless", "fault: empty-endless", "fault: empty-page"},
	"Token missing vs empty element":               {"harvest/oai: TestQuirkNoisyServers", "fault: no-final-token", "fault: two-tokens", "fault: token-space"},
	"Token needs URL encoding":                     {"harvest/oai: TestFullThenIncremental", "fault: token-unsafe"},
	"metadataPrefix demanded with token":           {"harvest/oai: TestQuirkPrefixDemandedWithToken", "fault: token-with-prefix"},
	"completeListSize/cursor wrong":                {"harvest/oai: TestQuirkListSizes", "cmd/sheaf: TestCountThatIsWrong", "fault: size-large", "fault: size-small", "fault: cursor-page"},
	"Unsorted lists":                               {"harvest/oai: TestQuirkFromIsNotTheLargestDatestamp", "fault: unsorted"},
	"Records outside from/until":                   {"harvest/oai: TestQuirkBytesOfOneRecord", "harvest/oai: TestQuirkFromIgnored", "fault: from-ignored", "fault: until-ignored"},
	"Same id live and deleted":                     {"harvest/oai: TestQuirkBytesOfOneRecord", "fault: live-and-deleted", "fault: duplicate"},
	"ListRecords stale vs GetRecord":               {"cmd/sheaf: TestListEndsShort", "fault: get-other-datestamp", "fault: get-unknown"},
	"ListIdentifiers or GetRecord not implemented": {"harvest/oai: TestReconcileWithoutHeaders", "cmd/sheaf: TestListWithoutSizeIsWhole", "fault: no-list-identifiers", "fault: no-get-record"},
	"ListSets huge, slow or broken":                {"harvest/oai: TestProbe", "fault: sets-broken", "fault: sets-endless"},
	"Overlapping sets":                             {"harvest/oai: TestSetsOneAfterAnother"},
	"Record leaves a set without a delete":         {"cmd/sheaf: TestReconcileFindsAbsent", "harvest/oai: TestReconcileStages", "fault: set-deleted-forgotten"},
	"noRecordsMatch for unknown set/prefix":        {"harvest/oai: TestQuirkSetThatIsNotThere", "harvest/oai: TestQuirkUnknownSet", "fault: format-no-records"},
	"Huge pages need exclusive run":                {"harvest: TestOneAtATimePerHost", "pipeline: TestPlaces"},
	"Static repository":                            {"harvest/files: TestStaticRepository"},
	"Format announced under other prefix":          {"harvest/oai: TestFormats"},

	// Dates and identity.
	"Day-only; odd case":                  {"harvest/oai: TestGranularity", "oaipmh: TestParseDatestamp", "fault: days-only", "fault: fraction-datestamp", "fault: no-granularity", "fault: odd-granularity", "fault: seconds-refused"},
	"earliestDatestamp missing":           {"harvest/oai: TestProbeSaysWhatToKnow", "fault: no-earliest", "fault: earliest-garbage", "fault: late-earliest", "fault: early-from-refused"},
	"until = now refused or ambiguous":    {"harvest/oai: TestFullThenIncremental", "harvest/oai: TestQuirkFromReadWrongly", "fault: future-refused", "fault: local-time"},
	"Index lag":                           {"harvest/oai: TestIndexLag", "fault: index-lag"},
	"Backdated bulk load":                 {"cmd/sheaf: TestReconcile"},
	"Everything re-stamped":               {"fault: restamped"},
	"`from` ignored":                      {"harvest/oai: TestQuirkFromIgnored", "fault: from-ignored"},
	"No selective harvest":                {"harvest/oai: TestQuirkDatesRefusedByOneSet", "cmd/sheaf: TestFailsByDate", "fault: dates-refused"},
	"deletedRecord=transient":             {"harvest/oai: TestProbeSaysWhatToKnow", "cmd/sheaf: TestReconcileFindsAbsent"},
	"deletedRecord says persistent":       {"cmd/sheaf: TestReconcileFindsAbsent", "fault: deleted-forgotten"},
	"Identifier prefix/host changes":      {"cmd/sheaf: TestIdentifiersOfAnotherDomain", "pipeline: TestRepositoryMoves", "pipeline: TestMintLosesNothing"},
	"Identifier reused for another thing": {"pipeline: TestKeyBelongsToTheFirst", "cmd/sheaf: TestIdentifierReused"},
	"DSpace several dc:date":              {"cmd/sheaf: TestDatesOfDSpace"},
}

// Each quirk of the list has what plays it, and what is named here is there.
func TestEveryQuirkIsPlayed(t *testing.T) {
	faults := map[string]bool{}
	for _, f := range oaitest.Faults() {
		faults[f.Name] = true
	}
	tests := map[string]map[string]bool{}
	for quirk, played := range quirks {
		for _, what := range played {
			folder, name, _ := strings.Cut(what, ": ")
			if folder == "fault" {
				if !faults[name] {
					t.Errorf("%s: no fault is called %s", quirk, name)
				}
				continue
			}
			if tests[folder] == nil {
				tests[folder] = testsIn(t, folder)
			}
			if !tests[folder][name] {
				t.Errorf("%s: there is no %s in %s", quirk, name, folder)
			}
		}
	}
	list, err := os.ReadFile("../../../shared/reference/endpoint-quirks.md")
	if err != nil {
		missing(t, "the list of quirks is missing: %v", err)
	}
	met := map[string]bool{}
	for line := range strings.Lines(string(list)) {
		row, isRow := strings.CutPrefix(line, "| ")
		if !isRow || strings.HasPrefix(row, "Quirk |") {
			continue
		}
		found := false
		for quirk := range quirks {
			if strings.HasPrefix(row, quirk) {
				found, met[quirk] = true, true
			}
		}
		if !found {
			t.Errorf("nothing plays %q", strings.TrimSpace(row))
		}
	}
	for quirk := range quirks {
		if !met[quirk] {
			t.Errorf("%q is not on the list", quirk)
		}
	}
}

// testsIn are the names of the tests in a folder of the repository.
func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(folder), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}
