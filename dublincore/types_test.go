package dublincore_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sheaf-gateway/sheaf/dublincore"
)

// coar3 are the concepts of the COAR Resource Type Vocabulary 3.0, but "other", with their labels.
const coar3 = `c_12cc cartographic material|c_12cd map|c_3e5a contribution to journal|c_ddb1 dataset|542X-3S04 design|JBNF-DYAD industrial design|
BW7T-YM2G layout design|c_c513 image|c_8a7e moving image|c_12ce video|c_ecc8 still image|c_e9a0 interactive resource|c_7ad9 website|
c_18ww internal report|c_26e4 interview|c_e059 learning object|c_18wq other type of report|c_15cd patent|SB3Y-W4EH PCT application|
C53B-JCY5 design patent|Z907-YMBB plant patent|GPQ7-G5VE plant variety protection|MW8G-3CR8 software patent|9DKX-KSAF utility model|
c_18hj report to funding agency|EHVM-H119 research data|ACF7-8YT9 aggregated data|c_cb28 clinical trial data|FXF3-D3G7 compiled data|
AM6W-6QAW encoded data|63NG-B465 experimental data|A8F1-NPV9 genomic data|2H0M-X761 geospatial data|H41Y-FW7B laboratory notebook|
DD58-GFSX measurement and test data|FF4C-28RK observational data|CQMR-7K63 recorded data|W2XT-7017 simulation data|NHD0-W6SY survey data|
c_5ce6 software|c_c950 research software|QH80-2R4E source code|c_18cc sound|c_18cd musical composition|c_18cf text|c_1162 annotation|
c_86bc bibliography|c_6947 blog post|c_2f33 book|c_3248 book part|c_c94f conference output|c_18cp conference paper not in proceedings|
c_18co conference poster not in proceedings|R60J-J5BD conference presentation|c_f744 conference proceedings|c_5794 conference paper|
c_6670 conference poster|c_0640 journal|c_b239 editorial|c_6501 journal article|c_7acd corrigendum|c_beb9 data paper|c_2df8fbb1 research article|
c_dcae04bc review article|c_7bab software paper|c_545b letter to the editor|c_8544 lecture|c_2cd9 magazine|c_0040 manuscript|
c_18cw musical notation|c_2fe3 newspaper|c_998f newspaper article|QX5C-AR31 other periodical|c_816b preprint|c_93fc report|c_7877 clinical study|
c_ab20 data management plan|c_18wz memorandum|c_186u policy report|c_18op project deliverable|YZ1N-ZFT9 research protocol|c_18ws research report|
c_18gh technical report|c_baaf research proposal|c_efa0 review|c_ba08 book review|D97F-VB57 commentary|H9BQ-739P peer review|
c_71bd technical documentation|c_46ec thesis|c_7a1f bachelor thesis|c_db06 doctoral thesis|c_bdcc master thesis|6NC7-GK9S transcription|
c_8042 working paper|H6QP-SC1X trademark|c_393c workflow`

// TestCOARConcepts: each concept is recognised, by its URI and by its label.
func TestCOARConcepts(t *testing.T) {
	concepts := strings.Split(strings.ReplaceAll(coar3, "\n", ""), "|")
	if len(concepts) != 97 {
		t.Errorf("%d concepts", len(concepts))
	}
	for _, c := range concepts {
		code, label, _ := strings.Cut(c, " ")
		uri := "http://purl.org/coar/resource_type/" + code
		for _, text := range []string{label, uri, strings.Replace(uri, "http:", "https:", 1)} {
			if got, ok := dublincore.ParseType(text); !ok || got.COAR != uri {
				t.Errorf("%q is %+v, want %s", text, got, uri)
			}
		}
		got, _ := dublincore.ParseType(label)
		without := []string{"c_26e4", "c_393c", "542X-3S04", "JBNF-DYAD", "BW7T-YM2G", "H6QP-SC1X"}
		if dublincore.IsDCMIType(got.DCMI) == slices.Contains(without, code) {
			t.Errorf("%s is %q for DCMI", label, got.DCMI)
		}
	}
	// Those of version 2.0 that were given up.
	for _, code := range []string{"c_2659", "c_ba1f"} {
		if got, ok := dublincore.ParseType("http://purl.org/coar/resource_type/" + code); !ok || !strings.HasSuffix(got.COAR, code) {
			t.Errorf("%s is %+v", code, got)
		}
	}
}

// TestCorrespondence: an archive's letter is no letter of COAR's, which is a short paper.
func TestCorrespondence(t *testing.T) {
	for _, text := range []string{"letter", "Letters", "correspondence", "Brief", "http://vocab.getty.edu/aat/300026879"} {
		if got, _ := dublincore.ParseType(text); got.DCMI != "Text" || got.COAR != "" || got.AAT != "http://vocab.getty.edu/aat/300026879" {
			t.Errorf("%q is %+v", text, got)
		}
	}
	if v, note, ok := dublincore.NormalizeType("interview"); ok || note != dublincore.NotUnderstood {
		t.Errorf("an interview is %+v", v)
	}
}

// TestAATNumbers: the AAT's numbers have nine digits and begin with 3000 or 3001, 3002, 3004.
func TestAATNumbers(t *testing.T) {
	for _, text := range []string{"book", "newspaper", "periodical", "thesis", "report", "letter", "manuscript", "diary", "memorandum", "minutes", "telegram", "speech",
		"notes", "pamphlet", "score", "photograph", "postcard", "poster", "drawing", "painting", "watercolor", "print", "map", "film", "video", "sound recording",
		"oral history", "interview", "sculpture", "video game", "article"} {
		got, ok := dublincore.ParseType(text)
		number := strings.TrimPrefix(got.AAT, "http://vocab.getty.edu/aat/")
		if !ok || len(number) != 9 || !strings.HasPrefix(number, "300") || strings.Trim(number, "0123456789") != "" {
			t.Errorf("%q is %+v", text, got)
		}
		if back, ok := dublincore.ParseType(got.AAT); !ok || back.AAT != got.AAT || back.DCMI != got.DCMI {
			t.Errorf("%s is %+v, want %+v", got.AAT, back, got)
		}
	}
}
